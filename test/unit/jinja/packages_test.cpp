#include "core/error.h"
#include "core/file/root.h"
#include "core/jinja/render.h"
#include "core/project/builtin_packages.h"

#include <gtest/gtest.h>

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
