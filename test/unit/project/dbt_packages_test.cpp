#include "core/project/dependencies.h"
#include "core/project/project.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;
using project::materialization;

namespace {

project::project read_with_packages(const folder &f) { return f.look({}, {.database = "db", .target_schema = "dw"}); }

std::string noted(const project::project &p, const std::string &kind) {
    std::string out;
    for (const project::note &n : p.found->notes)
        if (n.kind == kind)
            out += n.name + " " + n.change + " " + n.at.text() + "\n";
    return out;
}

/// A project with a package that is installed, as `dbt deps` leaves it.
folder shop() {
    folder f;
    f.with("dbt_project.yml", "name: shop\nvars: {mail: {limit: 3}, who: root}\n"
                              "models: {mail: {staging: {+schema: raw}}, shop: {+tags: [own]}}\n")
        .with("packages.yml", "packages:\n  - package: acme/mail\n    version: 1.0.0\n  - package: acme/lost\n    "
                              "version: [\">=1\"]\n  - git: https://x.invalid/acme/other.git\n  - package: "
                              "dbt-labs/dbt_utils\n    version: 1.1.1\n")
        .with("models/top.sql", "select * from {{ ref('mail', 'mails') }} {{ mail.shout('x') }}")
        .with("dbt_packages/mail/dbt_project.yml",
              "name: mail\nmodel-paths: [models]\nvars: {limit: 1, own: 'of mail', who: package}\n"
              "models: {mail: {+materialized: table, staging: {+schema: stage, +tags: [s]}}}\n"
              "on-run-start: select 1\n")
        .with("dbt_packages/mail/models/mails.sql",
              "select {{ var('limit') }} as l, '{{ var('own') }} {{ var('who') }}' {{ shout('y') }} from {{ "
              "ref('stg_mails') }}")
        .with("dbt_packages/mail/models/staging/stg_mails.sql", "select * from {{ source('post', 'box') }}")
        .with(
            "dbt_packages/mail/models/all.yml",
            "models:\n  - name: mails\n    description: \"{{ doc('mails') }}\"\n    columns:\n      - name: l\n        "
            "tests: [small, mail.small]\nsources: [{name: post, schema: \"{{ var('where', 'post_in') }}\", tables: "
            "[{name: box}]}]\nunknown_key: 1\n")
        .with("dbt_packages/mail/models/docs.md", "{% docs mails %}of the package{% enddocs %}")
        .with("dbt_packages/mail/seeds/codes.csv", "a\n1\n")
        .with("dbt_packages/mail/tests/generic/small.sql",
              "{% test small(model, column_name) %}select * from {{ model }} where {{ column_name }} > 9{% endtest %}")
        .with("dbt_packages/mail/tests/none.sql", "select * from {{ ref('mails') }} where false")
        .with("dbt_packages/mail/integration_tests/models/never.sql", "select 1")
        .with("dbt_packages/mail/macros/m.sql", "{% macro shout(t) %}/* {{ inner(t) }} */{% endmacro %}"
                                                "{% macro inner(t) %}{{ t | upper }}{% endmacro %}");
    return f;
}

} // namespace

TEST(DbtPackages, AreReadInPlaceUnderTheirNames) {
    const auto p = read_with_packages(shop());
    EXPECT_EQ(problems(p), "");
    const auto *mails = p.find_model("mails"), *staged = p.find_model("stg_mails");
    ASSERT_TRUE(mails && staged);
    EXPECT_EQ(mails->package, "mail");
    EXPECT_EQ(mails->materialized, materialization::table); // as the package says
    EXPECT_EQ(mails->description, "of the package");
    EXPECT_EQ(staged->schema, "dw_raw"); // the project counts more
    EXPECT_EQ(staged->tags, std::vector<std::string>{"s"});
    EXPECT_EQ(p.find_model("top")->tags, std::vector<std::string>{"own"});
    EXPECT_EQ(p.find_model("top")->materialized, materialization::view);
    EXPECT_TRUE(p.find_seed("codes"));
    EXPECT_FALSE(p.find_model("never")); // it is no model of the package
    EXPECT_EQ(p.find_source("post.box")->schema, "post_in");
    ASSERT_EQ(p.tests.size(), 1u);
    EXPECT_EQ(p.tests[0].package, "mail");
    ASSERT_EQ(mails->columns.at(0).tests.size(), 1u); // by both names, which are the same
    EXPECT_EQ(mails->columns[0].tests[0].macro, "mail.test_small");
    EXPECT_EQ(project::nodes_referred(p, *p.find_model("top")), std::vector<std::string>{"mails"});
    EXPECT_EQ(noted(p, "package"), "lost not installed packages.yml:4\nother not installed packages.yml:6\n");
    EXPECT_EQ(noted(p, "hook"), "mail.on-run-start not run dbt_packages/mail/dbt_project.yml:5\n");
    EXPECT_EQ(noted(p, "key"), ""); // nobody here wrote the package's files
    // The project's vars count more, those for the package most.
    const auto vars = p.package_vars.at("mail");
    EXPECT_EQ(jinja::printed(vars->at("limit")) + " " + jinja::printed(vars->at("own")) + " " +
                  jinja::printed(vars->at("who")),
              "3 of mail root");
    EXPECT_FALSE(p.vars->count("own"));
}

TEST(DbtPackages, ReferencesMayNameThePackage) {
    folder f = shop();
    f.with("models/wrong.sql", "select * from {{ ref('shop', 'mails') }}")
        .with("models/other.sql", "select * from {{ ref('nowhere', 'mails') }}")
        .with("models/right.sql", "select * from {{ ref('shop', 'top') }}, {{ ref('codes') }}");
    EXPECT_EQ(problems(read_with_packages(f)),
              "models/other.sql:1 other: model \"other\" (models/other.sql, line 1) refers to \"mails\", which is not "
              "in package \"nowhere\"\nmodels/wrong.sql:1 wrong: model \"wrong\" (models/wrong.sql, line 1) refers to "
              "\"mails\", which is not in package \"shop\"\n");
}

TEST(DbtPackages, WhatIsNotInstalledSaysSoWhereItIsUsed) {
    folder f = shop();
    f.with("models/uses.sql", "select {{ lost.x() }}")
        .with("models/uses.yml", "models: [{name: top, columns: [{name: a, tests: [lost.t]}]}]\n");
    const auto p = read_with_packages(f);
    EXPECT_EQ(problems(p), "models/uses.yml:1 top.lost.t: test \"lost.t\" is of a package that is "
                           "not installed\nmodels/uses.sql:1 uses: package \"lost\" is not "
                           "installed\n");
    EXPECT_FALSE(p.find_model("top")); // not published without its test; its SQL can be looked at
    EXPECT_TRUE(p.with_blocked().find_model("top"));
}

TEST(DbtPackages, LocalOnesAreReadWhereTheyLie) {
    folder outer;
    outer.with("shared/dbt_project.yml", "name: shared\n")
        .with("shared/models/s.sql", "select 1 as s")
        .with("shared/macros/m.sql", "{% macro one() %}1{% endmacro %}")
        .with("shop/dbt_project.yml", "name: shop\n")
        .with("shop/packages.yml", "packages: [{local: ../shared}, {local: vendor/inner}, {local: ../gone}]\n")
        .with("shop/vendor/inner/dbt_project.yml", "name: inner\n")
        .with("shop/vendor/inner/models/i.sql", "select {{ shared.one() }}")
        .with("shop/models/a.sql", "select * from {{ ref('s') }}, {{ ref('i') }}");
    const auto read = [&](bool may) {
        project::surroundings around{.database = "db", .target_schema = "dw"};
        around.packages = project::read_builtin_packages(file::root::open("packages"));
        if (may)
            around.outside = [&](const std::string &path) {
                if (path == "../gone")
                    throw error(sqlstate::bad_file, "there is none");
                return file::root::open(outer.path() + "/shop/" + path);
            };
        return project::read_project(file::root::open(outer.path() + "/shop"), {}, project::schema_names::refused,
                                     around);
    };
    auto p = read(true);
    EXPECT_EQ(problems(p), "packages.yml:1 ../gone/dbt_project.yml: there is none\n");
    EXPECT_EQ(p.find_model("s")->file, "../shared/models/s.sql");
    EXPECT_EQ(project::nodes_referred(p, *p.find_model("a")), (std::vector<std::string>{"s", "i"}));
    p = read(false);
    EXPECT_NE(
        problems(p).find("packages.yml:1 ../shared/dbt_project.yml: folder \"../shared\" lies outside the project"),
        std::string::npos)
        << problems(p);
    EXPECT_NE(problems(p).find("i: package \"shared\" is not installed"), std::string::npos);
    EXPECT_FALSE(p.find_model("s"));
}

TEST(DbtPackages, TheRuleOfSchemasIsDbtsMacro) {
    const auto schema = [](const std::string &rule, const std::string &target) {
        folder f;
        f.with("dbt_project.yml", "name: shop\n")
            .with("barometre.yml", "version: 1\nname: p\ndbt: .\ntarget: {name: " + target + ", schema: dw}\n")
            .with("models/a.sql", "{{ config(schema='marts') }}select 1")
            .with("models/b.sql", "select 1");
        if (!rule.empty())
            f.with("macros/names.sql", "{% macro generate_schema_name(custom_schema_name, node) %}{{ " + rule +
                                           "(custom_schema_name, node) }}{% endmacro %}");
        const auto p = f.look();
        EXPECT_EQ(problems(p), "");
        return p.find_model("a")->schema + " " + p.find_model("b")->schema;
    };
    EXPECT_EQ(schema("", "prod"), "dw_marts dw");
    EXPECT_EQ(schema("default__generate_schema_name", "prod"), "dw_marts dw");
    EXPECT_EQ(schema("generate_schema_name_for_env", "prod"), "marts dw");
    EXPECT_EQ(schema("dbt.generate_schema_name_for_env", "dev"), "dw dw");
}
