#include "core/error.h"
#include "core/file/root.h"
#include "core/jinja/render.h"
#include "core/project/builtin_packages.h"
#include "core/project/project_files.h"

#include <gtest/gtest.h>

#include <map>

using namespace barometre;
using jinja::callbacks;
using jinja::relation;

namespace {

std::shared_ptr<jinja::macro_library> with_built_in() {
    static const auto built_in = project::read_builtin_packages(file::root::open("packages"));
    return std::make_shared<jinja::macro_library>(*built_in);
}

callbacks with_library(std::shared_ptr<const jinja::macro_library> macros) {
    callbacks calls;
    calls.ref = [](const std::string &name) { return relation("\"db\".\"analytics\".\"" + name + "\""); };
    calls.source = [](const std::string &tap, const std::string &stream) { return relation(tap + "." + stream); };
    calls.config = [](const auto &) {};
    calls.macros = std::move(macros);
    calls.columns = [](const relation &r) {
        std::vector<jinja::relation_column> columns;
        if (r.identifier == "a")
            columns.push_back({"x", "integer"});
        columns.push_back({"y", r.identifier == "a" ? "character varying(5)" : "character varying(9)"});
        if (r.identifier != "a")
            columns.push_back({"z", "date"});
        return columns;
    };
    calls.find_relation = [](const std::string &schema, const std::string &name) -> std::optional<relation> {
        if (name == "missing")
            return std::nullopt;
        return relation(schema + "." + name);
    };
    return calls;
}

std::string text_of(const std::string &source, callbacks calls = with_library(with_built_in())) {
    try {
        return jinja::render_lines(source, "m.sql", calls).text;
    } catch (const error &e) {
        return "error: " + e.message + (e.hint.empty() ? "" : " (" + e.hint + ")");
    }
}

} // namespace

TEST(Packages, WhatIsParsedWhenItIsCalledIsAllThatThePackagesHave) {
    const auto packages = file::root::open("packages");
    std::map<std::string, jinja::macro_library> parsed;
    for (const std::string &file : project::list_files(packages, {"."}, {".sql"}))
        parsed[file.substr(0, file.find('/'))].add(project::read_text(*packages, file), file);
    ASSERT_EQ(parsed.size(), 2);
    const auto built_in = with_built_in();
    for (const auto &[package, library] : parsed) {
        EXPECT_EQ(built_in->names(package), library.names());
        for (const std::string &name : library.names()) {
            const auto *found = built_in->find(package + "." + name);
            EXPECT_TRUE(found && found->of && found->is_built_in) << name;
        }
    }
}

TEST(Packages, DispatchTakesTheProjectsMacroFirstThenThePackages) {
    auto macros = with_built_in();
    macros->add("{% macro m() %}{{ return(adapter.dispatch('m', 'pkg')()) }}{% endmacro %}"
                "{% macro default__m() %}pkg default{% endmacro %}",
                "pkg.sql", "pkg");
    EXPECT_EQ(text_of("{{ pkg.m() }}", with_library(macros)), "pkg default");
    macros->add("{% macro postgres__m() %}pkg postgres{% endmacro %}", "pkg2.sql", "pkg");
    EXPECT_EQ(text_of("{{ pkg.m() }}", with_library(macros)), "pkg postgres");
    macros->add("{% macro default__m() %}mine{% endmacro %}", "own.sql");
    EXPECT_EQ(text_of("{{ pkg.m() }}", with_library(macros)), "mine");
    macros->name_project("shop");
    macros->set_search_order("pkg", {"other", "pkg", "shop"});
    EXPECT_EQ(text_of("{{ pkg.m() }}", with_library(macros)), "pkg postgres");
    macros->set_search_order("pkg", {"shop", "pkg"});
    EXPECT_EQ(text_of("{{ pkg.m() }}", with_library(macros)), "mine");
    EXPECT_EQ(text_of("{{ adapter.dispatch('none', 'pkg')() }}", with_library(macros)),
              "error: m.sql:1:12: no macro named \"none\" for this database was found (Looked for were "
              "shop.postgres__none, shop.default__none, pkg.postgres__none, pkg.default__none.)");
}

TEST(Packages, MacrosOfAPackageAreNotTheProjects) {
    auto macros = with_built_in();
    macros->add("{% macro inner() %}inner{% endmacro %}{% macro outer() %}{{ inner() }}{% endmacro %}", "p.sql", "pkg");
    EXPECT_EQ(text_of("{{ pkg.outer() }}", with_library(macros)), "inner"); // it sees its own
    EXPECT_EQ(text_of("{{ outer() }}", with_library(macros)).substr(0, 43),
              "error: m.sql:1:4: \"outer\" is not known here");
    EXPECT_EQ(text_of("{{ dbt_utils.unio_relations() }}"),
              "error: m.sql:1:14: \"dbt_utils.unio_relations\" is not known here (Did you mean \"union_relations\"?)");
    // One of the project's stands in for what the package lacks, and not for what it has.
    macros->add("{% macro outer() %}mine{% endmacro %}{% macro extra() %}extra{% endmacro %}", "own.sql");
    EXPECT_EQ(text_of("{{ pkg.outer() }} {{ pkg.extra() }} {{ outer() }}", with_library(macros)), "inner extra mine");
    macros->name_project("shop");
    EXPECT_EQ(text_of("{{ shop.extra() }}", with_library(macros)), "extra");
    EXPECT_EQ(text_of("{{ pkg.inner is defined }} {{ pkg.nothing is defined }} {{ dbt.x is undefined }}",
                      with_library(macros)),
              "True False True");
    // A template of the package sees its macros, then the project's.
    callbacks of_package = with_library(macros);
    of_package.package = "pkg";
    EXPECT_EQ(text_of("{{ inner() }} {{ outer() }} {{ extra() }}", of_package), "inner inner extra");
}

TEST(Packages, WhatIsBuiltInStaysAndIsFilledUp) {
    auto macros = with_built_in();
    macros->add("{% macro union_relations() %}theirs{% endmacro %}{% macro more() %}more{% endmacro %}", "d.sql",
                "dbt_utils");
    EXPECT_EQ(text_of("{{ dbt_utils.more() }}", with_library(macros)), "more");
    EXPECT_EQ(text_of("{{ dbt_utils.union_relations([ref('a')], include=['x'], source_column_name=none) }}",
                      with_library(macros)),
              "(select cast(\"x\" as integer) as \"x\" from \"db\".\"analytics\".\"a\")");
}

TEST(Packages, AdapterTellsColumnsAndRelations) {
    EXPECT_EQ(
        text_of("{% for c in adapter.get_columns_in_relation(ref('a')) %}{{ c.name }} {{ c.quoted }} {{ c.dtype }} "
                "{{ c.data_type }} {{ c.is_string() }} {{ c.is_number() }} {{ c.char_size }};{% endfor %}"),
        "x \"x\" integer integer False True None;"
        "y \"y\" character varying character varying(5) True False 5;");
    EXPECT_EQ(text_of("{{ adapter.get_columns_in_relation(ref('a')) | map(attribute='name') | join(',') }}"), "x,y");
    EXPECT_EQ(
        text_of("{{ adapter.get_relation(database='d', schema='s', identifier='t') }} {{ adapter.get_relation('d', "
                "'s', 'missing') is none }}"),
        "s.t True");
    EXPECT_EQ(text_of("{{ load_relation(ref('a')) }} {{ load_relation(ref('missing')) }}"), "analytics.a None");
    EXPECT_EQ(text_of("{{ adapter.quote('a\"b') }} {{ adapter.type() }}"), "\"a\"\"b\" postgres");
    EXPECT_EQ(text_of("{% set r = api.Relation.create(schema='s', identifier='T x') %}{{ r }} {{ r.identifier }} "
                      "{{ r.include(schema=false) }} {{ r.without_identifier() }}"),
              "\"s\".\"T x\" T x \"T x\" \"s\"");
    EXPECT_EQ(text_of("{{ adapter.drop_relation(ref('a')) }}").substr(0, 72),
              "error: m.sql:1:12: \"adapter.drop_relation\" is not available in templates");
}

TEST(Packages, ExecuteIsTrueOnceTheDatabaseCanBeLookedAt) {
    EXPECT_EQ(text_of("{% if execute %}yes{% else %}no{% endif %}"), "yes");
    const auto found = jinja::find_references(
        "{% if execute %}{{ ref('a') }}{{ exceptions.raise_compiler_error('x') if not "
        "adapter.get_columns_in_relation(ref('c')) }}{% else %}{{ ref('b') }}{% endif %}"
        "{% if adapter.get_relation(database='d', schema='s', identifier='t') %}{{ ref('d') }}{% endif %}",
        "m.sql", with_library(with_built_in()));
    EXPECT_EQ(found.refs, (std::vector<std::string>{"b", "a", "c"})); // after c comes the error
    EXPECT_EQ(found.relations, (std::vector<std::pair<std::string, std::string>>{{"s", "t"}}));
    EXPECT_EQ(jinja::find_references(
                  "{% if adapter.get_relation(database='d', schema='s', identifier='t') %}{{ ref('d') }}{% endif %}",
                  "m.sql", with_library(with_built_in()))
                  .refs,
              std::vector<std::string>{"d"});
}

TEST(Packages, UnionRelations) {
    auto calls = with_library(with_built_in());
    EXPECT_EQ(text_of("select * from ({{ dbt_utils.union_relations(relations=[ref('a'), ref('b')]) }}) u", calls),
              "select * from ((select cast('\"db\".\"analytics\".\"a\"' as varchar) as \"_dbt_source_relation\", "
              "cast(\"x\" as integer) as \"x\", "
              "cast(\"y\" as character varying(9)) as \"y\", cast(null as date) as \"z\" from "
              "\"db\".\"analytics\".\"a\")\nunion all\n"
              "(select cast('\"db\".\"analytics\".\"b\"' as varchar) as \"_dbt_source_relation\", cast(null as "
              "integer) as \"x\", "
              "cast(\"y\" as character varying(9)) as \"y\", cast(\"z\" as date) as \"z\" from "
              "\"db\".\"analytics\".\"b\")) u");
    EXPECT_EQ(
        text_of("{{ dbt_utils.union_relations([ref('a')], include=['x'], source_column_name='src', where='x > 1') }}",
                calls),
        "(select cast('\"db\".\"analytics\".\"a\"' as varchar) as \"src\", cast(\"x\" as integer) as \"x\" from "
        "\"db\".\"analytics\".\"a\" where x > 1)");
    EXPECT_EQ(text_of("{{ dbt_utils.union_relations(relations=['a']) }}", calls),
              "error: packages/dbt_utils/macros/sql/union_relations.sql:20:35: \"get_columns_in_relation\" takes a "
              "relation, not a text (Use ref(), source() or this.)");
}

TEST(Packages, MacrosTakeWhatThoseOfDbtTakeInThatOrder) {
    const auto macros = with_built_in();
    const auto parameters = [&](const std::string &name) {
        const auto signature = macros->signature(name);
        std::string out = signature ? "" : "there is none";
        for (std::size_t i = 0; signature && i < signature->parameters.size(); ++i)
            out += (i ? " " : "") + signature->parameters[i] + (i < signature->required ? "" : "=");
        return out;
    };
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"star", "from relation_alias= except= prefix= suffix= quote_identifiers= unquote_aliases= rename="},
        {"get_filtered_columns_in_relation", "from except="},
        {"union_relations", "relations column_override= include= exclude= source_column_name= where="},
        {"generate_surrogate_key", "field_list"},
        {"deduplicate", "relation partition_by order_by"},
        {"group_by", "n"},
        {"date_spine", "datepart start_date end_date"},
        {"generate_series", "upper_bound"},
        {"pivot",
         "column values alias= agg= cmp= prefix= suffix= then_value= else_value= quote_identifiers= distinct="},
        {"unpivot", "relation= cast_to= exclude= remove= field_name= value_name= quote_identifiers="},
        {"safe_add", "field_list"},
        {"safe_divide", "numerator denominator"},
        {"width_bucket", "expr min_value max_value num_buckets"},
        {"haversine_distance", "lat1 lon1 lat2 lon2 unit="},
        {"nullcheck", "cols"},
        {"nullcheck_table", "relation"},
        {"get_url_host", "field"},
        {"get_url_parameter", "field url_parameter"},
        {"slugify", "string"},
        {"get_column_values", "table column order_by= max_records= default= where="},
        {"get_relations_by_pattern", "schema_pattern table_pattern exclude= database="},
        {"test_expression_is_true", "model expression column_name= condition="},
        {"test_accepted_range", "model column_name min_value= max_value= inclusive="},
        {"test_not_empty_string", "model column_name trim_whitespace="},
        {"test_not_accepted_values", "model column_name values quote="},
        {"test_unique_combination_of_columns", "model combination_of_columns quote_columns="},
        {"test_at_least_one", "model column_name group_by_columns="},
        {"test_not_constant", "model column_name group_by_columns="},
        {"test_not_null_proportion", "model column_name at_least at_most= group_by_columns="},
        {"test_recency", "model field datepart interval ignore_time_component= group_by_columns="},
        {"test_sequential_values", "model column_name interval= datepart= group_by_columns="},
        {"test_mutually_exclusive_ranges",
         "model lower_bound_column upper_bound_column partition_by= gaps= zero_length_range_allowed="},
        {"test_relationships_where", "model column_name to field from_condition= to_condition="},
        {"test_cardinality_equality", "model column_name to field"},
        {"test_equal_rowcount", "model compare_model group_by_columns="},
        {"test_fewer_rows_than", "model compare_model group_by_columns="},
        {"test_equality", "model compare_model compare_columns= exclude_columns= precision="}};
    for (const auto &[name, given] : expected)
        EXPECT_EQ(parameters("dbt_utils." + name), given) << name;
    const std::vector<std::pair<std::string, std::string>> of_dbt = {
        {"type_string", ""},
        {"concat", "fields"},
        {"hash", "field"},
        {"safe_cast", "field type"},
        {"dateadd", "datepart interval from_date_or_timestamp"},
        {"datediff", "first_date second_date datepart"},
        {"date_trunc", "datepart date"},
        {"last_day", "date datepart"},
        {"split_part", "string_text delimiter_text part_number"},
        {"position", "substring_text string_text"},
        {"replace", "field old_chars new_chars"},
        {"right", "string_text length_expression"},
        {"length", "expression"},
        {"string_literal", "value"},
        {"escape_single_quotes", "expression"},
        {"listagg", "measure delimiter_text= order_by_clause= limit_num="},
        {"any_value", "expression"},
        {"bool_or", "expression"},
        {"cast_bool_to_text", "field"},
        {"array_construct", "inputs= data_type="},
        {"array_append", "array new_element"},
        {"array_concat", "array_1 array_2"},
        {"except", ""}};
    for (const auto &[name, given] : of_dbt)
        for (const char *package : {"dbt.", "dbt_utils."}) // where dbt_utils had it before
            EXPECT_EQ(parameters(package + name), given) << package << name;
}

TEST(Packages, MacrosOfAPackageCanBeOverridden) {
    const auto macros = with_built_in();
    for (const std::string package : {"dbt", "dbt_utils"})
        for (const std::string &name : macros->names(package)) {
            const bool is_helper = name.starts_with("_") || name.starts_with("default__");
            const std::string wrapped = "default__" + name;
            if (is_helper || !macros->signature(package + "." + wrapped))
                continue; // what is a thin name of another one has none
            auto own = with_built_in();
            own->add("{% macro " + wrapped + "(a, b, c, d, e, f, g, h, i, j, k) %}mine{% endmacro %}", "own.sql");
            const auto signature = macros->signature(package + "." + name);
            std::string given;
            for (std::size_t i = 0; i < signature->required; ++i)
                given += std::string(i ? ", " : "") + "'x'";
            EXPECT_EQ(text_of("{{ " + package + "." + name + "(" + given + ") }}", with_library(own)), "mine") << name;
        }
}

TEST(Packages, Star) {
    EXPECT_EQ(text_of("select {{ dbt_utils.star(ref('a')) }}"), "select \"x\",\n  \"y\"");
    EXPECT_EQ(text_of("{{ dbt_utils.star(from=ref('a'), except=['X'], relation_alias='t', suffix='_1') }}"),
              "t.\"y\" as \"y_1\"");
    EXPECT_EQ(text_of("{{ dbt_utils.star(ref('a'), quote_identifiers=false, prefix='p_') }}"), "x as p_x,\n  y as p_y");
    EXPECT_EQ(text_of("{{ dbt_utils.star(ref('a'), unquote_aliases=true, rename={'Y': 'z'}) }}"),
              "\"x\" as x,\n  \"y\" as z");
    EXPECT_EQ(text_of("{{ dbt_utils.star(ref('a'), except=['x', 'y']) }}"), "/* star() found no columns */");
}

TEST(Packages, SqlOfBuiltInMacros) {
    EXPECT_EQ(text_of("{{ dbt_utils.generate_surrogate_key(['a', 'b']) }}"),
              "md5(cast(coalesce(cast(a as text), '_dbt_utils_surrogate_key_null_') || '-' || "
              "coalesce(cast(b as text), '_dbt_utils_surrogate_key_null_') as text))");
    callbacks calls = with_library(with_built_in());
    calls.vars = std::make_shared<const jinja::variables>(
        jinja::variables{{"surrogate_key_treat_nulls_as_empty_strings", true}});
    EXPECT_EQ(text_of("{{ dbt_utils.generate_surrogate_key(['a']) }}", calls),
              "md5(cast(coalesce(cast(a as text), '') as text))");
    EXPECT_EQ(text_of("{{ dbt_utils.surrogate_key(['a']) }}"), "md5(cast(coalesce(cast(a as text), '') as text))");
    EXPECT_EQ(text_of("{{ dateadd('month', -1, 'd') }}"), "d + ((interval '1 month') * (-1))");
    EXPECT_EQ(text_of("{{ dbt_utils.pivot('c', ['a', \"b's\"], distinct=true, quote_identifiers=false) }}"),
              "sum(distinct case when c = 'a' then 1 else 0 end) as a,\n"
              "sum(distinct case when c = 'b''s' then 1 else 0 end) as bs");
    EXPECT_EQ(text_of("{{ dbt_utils.pivot('c', [1], alias=false, agg='max') }}"),
              "max(case when c = '1' then 1 else 0 end)");
    EXPECT_EQ(
        text_of("{{ dbt_utils.unpivot(ref('a'), exclude=['y']) }}"),
        "select y, cast('x' as text) as field_name, cast(\"x\" as varchar) as value from \"db\".\"analytics\".\"a\"");
    EXPECT_EQ(text_of("{{ dbt_utils.group_by(3) }}"), "group by 1, 2, 3");
    EXPECT_EQ(text_of("{{ dbt_utils.get_tables_by_prefix_sql('s', 'x_') }}").substr(0, 42),
              "select distinct table_schema, table_name, ");
    EXPECT_EQ(text_of("{{ dbt_utils.generate_series(0) }}").substr(0, 7), "error: ");
}

TEST(Packages, WhatABranchSetsIsEmptyWhereItWasNotTaken) {
    const std::string macro =
        "{% macro m(groups=[]) %}{% if groups | length() > 0 %}{% set g = groups | join(',') ~ ', ' %}"
        "{% endif %}select {{ g }}count(*){{ 'x' if g }}{{ g is defined }}{% endmacro %}";
    EXPECT_EQ(text_of(macro + "{{ m() }} {{ m(['a']) }}"), "select count(*)False select a, count(*)xTrue");
    EXPECT_EQ(text_of("{% for i in [1, 2] %}{% if i == 2 %}{% set x = i %}{% endif %}<{{ x }}>{% endfor %}"), "<><2>");
    // What a loop sets is its own, and what nobody sets is a mistake.
    EXPECT_EQ(text_of("{% for i in [1] %}{% set x = i %}{% endfor %}{{ x }}").substr(0, 40),
              "error: m.sql:1:49: \"x\" is not known here");
    EXPECT_EQ(text_of("{% macro a() %}{% set x = 1 %}{% endmacro %}{{ a() }}{{ x }}").substr(0, 18),
              "error: m.sql:1:57:");
    EXPECT_EQ(text_of("{{ none | map('lower') | list }}{{ none | select | list }}"), "[][]");
}
