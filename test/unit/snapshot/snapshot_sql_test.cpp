#include "core/error.h"
#include "core/snapshot/snapshot_sql.h"

#include <gtest/gtest.h>

using namespace barometre;
using snapshot::column;
using snapshot::history;

namespace {

using strategies = project::snapshot_config::strategies;
using deletes = project::snapshot_config::deletes;

const std::string naive = "timestamp without time zone";
const std::vector<column> plain = {{"id", "integer"}, {"v", "text"}, {"at", naive}};

std::vector<column> stored(std::vector<column> columns, const std::string &time = naive) {
    columns.insert(
        columns.end(),
        {{"dbt_scd_id", "text"}, {"dbt_updated_at", time}, {"dbt_valid_from", time}, {"dbt_valid_to", time}});
    return columns;
}

/// A snapshot "x" whose configuration was said in snapshots/s.sql:2.
struct fixture {
    project::model m;
    fixture(strategies strategy, const std::string &updated_at, deletes hard_deletes = deletes::ignore) {
        m.name = "x";
        m.file = "snapshots/s.sql";
        m.materialized = project::materialization::snapshot;
        m.snapshot.strategy = strategy;
        m.snapshot.unique_key = {"id"};
        m.snapshot.updated_at = updated_at;
        m.snapshot.hard_deletes = hard_deletes;
        for (const char *key : {"unique_key", "updated_at", "check_cols"})
            m.said_at[key] = {m.file, 2};
    }
    history of(const std::vector<column> &source, const std::vector<column> &target = {}) const {
        return {m, "p.src", source, target.empty() ? "" : "analytics.x", target, "clock"};
    }
};
const fixture by_time(strategies::timestamp, "at"), by_value(strategies::check, "");

error refused(const history &h) {
    try {
        snapshot::check_columns(h);
    } catch (const error &e) {
        return e;
    }
    return error("00000", "no error");
}

int count(const std::string &text, const std::string &part) {
    int n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++n;
    return n;
}
bool has(const std::string &text, const std::string &part) { return count(text, part) > 0; }

/// The operators of a text as they are written: with their schema.
std::string named(std::string text) {
    for (const std::string sign : {"=", ">", "||"})
        for (std::size_t at = 0; (at = text.find(" " + sign + " ", at)) != std::string::npos; at += sign.size())
            text.replace(at + 1, sign.size(), "OPERATOR(pg_catalog." + sign + ")");
    return text;
}

} // namespace

TEST(SnapshotSql, FirstVersionsBeginWhenTheSourceSays) {
    EXPECT_EQ(
        snapshot::first_version(by_time.of(plain)),
        named("SELECT s.\"id\" AS \"id\", s.\"v\" AS \"v\", s.\"at\" AS \"at\", "
              "pg_catalog.md5(coalesce(CAST(s.\"id\" AS varchar), '') || '|' || coalesce(CAST(s.\"at\" AS varchar), "
              "'')) AS \"dbt_scd_id\", "
              "s.\"at\" AS \"dbt_updated_at\", s.\"at\" AS \"dbt_valid_from\", CAST(NULL AS timestamp without time "
              "zone) AS \"dbt_valid_to\" FROM p.src s"));
}
TEST(SnapshotSql, OrAtTheClockWithoutTimeZone) {
    const std::string sql =
        snapshot::first_version(fixture(strategies::check, "", deletes::new_record).of({{"id", "integer"}}));
    EXPECT_TRUE(has(sql, "CAST(clock AS timestamp without time zone) AS \"dbt_valid_from\"")) << sql;
    EXPECT_TRUE(has(sql, "CAST('False' AS text) AS \"dbt_is_deleted\" FROM p.src s")) << sql;
    EXPECT_TRUE(has(snapshot::first_version(fixture(strategies::check, "at").of({{"id", "integer"}, {"at", "date"}})),
                    "CAST(NULL AS date)"));
}
TEST(SnapshotSql, ColumnsAreKeptAndAdded) {
    const auto after =
        snapshot::columns_after(fixture(strategies::timestamp, "at", deletes::new_record)
                                    .of({{"n", "text"}, {"at", naive}, {"id", "integer"}}, stored(plain)));
    auto wanted = stored(plain);
    wanted.insert(wanted.end(), {{"n", "text"}, {"dbt_is_deleted", "text"}});
    EXPECT_EQ(after, wanted);
    EXPECT_EQ(snapshot::columns_after(by_time.of(plain)), stored(plain));
}
TEST(SnapshotSql, WhatChangedIsSoughtOnceAndEnds) {
    const std::string pairs = named("SELECT s.ctid AS source, t.ctid AS open FROM p.src s LEFT JOIN analytics.x t ON "
                                    "s.\"id\" = t.\"id\" AND t.dbt_valid_to IS NULL WHERE t.ctid IS NULL OR "
                                    "(coalesce(s.\"at\" > t.dbt_updated_at, true))"),
                      vanished = named("SELECT NULL, t.ctid FROM analytics.x t WHERE t.dbt_valid_to IS NULL AND NOT "
                                       "EXISTS (SELECT FROM p.src s WHERE s.\"id\" = t.\"id\")");
    const fixture invalidate(strategies::timestamp, "at", deletes::invalidate),
        record(strategies::timestamp, "at", deletes::new_record);
    EXPECT_EQ(snapshot::pairs(by_time.of(plain, stored(plain))), pairs);
    EXPECT_EQ(snapshot::pairs(invalidate.of(plain, stored(plain))), pairs + "\nUNION ALL\n" + vanished);
    history h = by_time.of(plain, stored(plain));
    h.pairs = "p.pairs";
    EXPECT_EQ(snapshot::gone(h), "SELECT p.open AS place FROM p.pairs p WHERE p.open IS NOT NULL");
    const auto ends = [](history of) {
        of.pairs = "p.pairs";
        return count(snapshot::delta(of), "WHERE p.source IS NULL");
    };
    EXPECT_EQ(ends(h), 0);
    EXPECT_EQ(ends(invalidate.of(plain, stored(plain))), 1);
    EXPECT_EQ(ends(record.of(plain, stored(plain))), 2); // ended, marked
    EXPECT_FALSE(has(snapshot::delta(h), "dbt_valid_to IS NULL")) << "the whole table is read for pairs alone";
}
TEST(SnapshotSql, OpenVersionsAndTheEndedOnesOfRowsWithoutAreAllThatIsRead) {
    const history h = by_time.of(plain, stored(plain));
    EXPECT_EQ(snapshot::open_versions(h), "SELECT t.* FROM " + h.target + " t WHERE t.dbt_valid_to IS NULL");
    EXPECT_EQ(snapshot::earlier_versions(h, "p.open"),
              named("SELECT t.* FROM " + h.target +
                    " t JOIN (SELECT DISTINCT s.\"id\" FROM p.src s WHERE NOT EXISTS "
                    "(SELECT FROM p.open o WHERE s.\"id\" = o.\"id\") OFFSET 0) f ON f.\"id\" = t.\"id\" WHERE "
                    "t.dbt_valid_to IS NOT NULL"));
}
TEST(SnapshotSql, MarkedRowsComeBackAndAreNotMarkedAgain) {
    auto target = stored(plain);
    target.push_back({"dbt_is_deleted", "text"});
    for (deletes how : {deletes::invalidate, deletes::new_record}) {
        const std::string sql = snapshot::pairs(fixture(strategies::timestamp, "at", how).of(plain, target));
        const std::string marked = sql::comparison::by_text().equal("t.\"dbt_is_deleted\"", "'True'");
        EXPECT_TRUE(has(sql, "(coalesce(" + marked + named(", false) OR coalesce(s.\"at\" > t.dbt_updated_at, true))")))
            << sql;
        EXPECT_TRUE(has(sql, "(" + marked + ") IS NOT TRUE AND NOT EXISTS")) << sql;
    }
}
TEST(SnapshotSql, CheckComparesWhatBothHave) {
    const std::vector<column> source = {
        {"id", "integer"}, {"v", "character varying(5)"}, {"j", "json[]"}, {"n", "integer"}};
    const auto by_text = sql::comparison::by_text();
    const auto target = stored({{"id", "integer"}, {"v", "text"}, {"j", "json[]", by_text}, {"lost", "text"}});
    const std::string sql = snapshot::pairs(by_value.of(source, target));
    const std::string other_v = sql::comparison().distinct("CAST(s.\"v\" AS text)", "t.\"v\"");
    EXPECT_TRUE(has(sql, "(" + other_v + " OR " + by_text.distinct("s.\"j\"", "t.\"j\"") +
                             named(" OR pg_catalog.num_nonnulls(s.\"n\") > 0)")))
        << sql;
    fixture some = by_value;
    some.m.snapshot.check_cols = {"v"};
    EXPECT_TRUE(has(snapshot::pairs(some.of(source, target)), "(" + other_v + ")"));
    EXPECT_TRUE(has(snapshot::pairs(by_value.of({{"id", "integer"}}, stored({{"id", "integer"}}))),
                    "OR (false)")); // nothing but the key
}
TEST(SnapshotSql, NamesAreQuoted) {
    fixture f(strategies::timestamp, "A t");
    f.m.snapshot.unique_key = {"it's \"k\""};
    const std::vector<column> source = {{"it's \"k\"", "integer"}, {"A t", naive}};
    const history h = f.of(source, stored(source));
    EXPECT_TRUE(has(snapshot::pairs(h), named("s.\"it's \"\"k\"\"\" = t.\"it's \"\"k\"\"\"")));
    EXPECT_TRUE(has(snapshot::faults(h),
                    "'it''s \"k\" = '" + named(" || coalesce(CAST(s.\"it's \"\"k\"\"\" AS text), 'NULL') AS example")));
}
TEST(SnapshotSql, FaultsAreSoughtInSourceAndTable) {
    EXPECT_EQ(count(snapshot::faults(by_value.of(plain)), "AS fault"), 2);
    EXPECT_EQ(count(snapshot::faults(by_time.of(plain)), "AS fault"), 3);
    EXPECT_EQ(count(snapshot::faults(by_time.of(plain, stored(plain))), "AS fault"), 4);
    auto message = [](const std::string &fault, const std::string &rows) {
        try {
            snapshot::refuse(by_time.of(plain, stored(plain)), fault, "id = 1", rows);
        } catch (const error &e) {
            return e;
        }
    };
    EXPECT_EQ(message("same key", "2").message, "snapshot \"x\": 2 rows of its SELECT have the key id = 1");
    EXPECT_EQ(message("open twice", "2").message, "snapshot \"x\": analytics.x has 2 open versions of the key id = 1");
    EXPECT_EQ(message("no key", "1").message, "snapshot \"x\": the key is NULL in 1 row of its SELECT");
    EXPECT_EQ(message("no time", "2").message, "snapshot \"x\": column \"at\" is NULL in 2 rows of its SELECT");
    EXPECT_EQ(message("no time", "2").detail, "The first is id = 1.");
    EXPECT_EQ(message("no time", "2").hint, "Give them a time in the SELECT, for example coalesce(at, created_at).");
    EXPECT_EQ(message("same key", "2").sqlstate, sqlstate::contract);
}
TEST(SnapshotSql, ColumnsOfTheConfigurationMustBeThere) {
    auto e = refused(by_time.of({{"id", "integer"}, {"att", naive}}));
    EXPECT_EQ(e.message,
              "snapshots/s.sql:2: column \"at\" in the key \"updated_at\" of snapshot \"x\" is none of its SELECT");
    EXPECT_EQ(e.detail, "It has the columns id, att.");
    EXPECT_EQ(e.hint, "Did you mean \"att\"?");
    fixture expression = by_value;
    expression.m.snapshot.unique_key = {"a || b"};
    EXPECT_EQ(refused(expression.of(plain)).hint, "Name a column. An expression needs a name in the SELECT.");
    expression.m.snapshot.unique_key = {"id"};
    expression.m.snapshot.check_cols = {"w"};
    EXPECT_EQ(refused(expression.of(plain)).message,
              "snapshots/s.sql:2: column \"w\" in the key \"check_cols\" of snapshot \"x\" is none of its SELECT");
    EXPECT_EQ(refused(by_time.of({{"id", "integer"}, {"at", "text"}})).message,
              "snapshots/s.sql:2: column \"at\" in the key \"updated_at\" of snapshot \"x\" is of type text");
    EXPECT_EQ(refused(by_time.of({{"id", "integer"}, {"at", "timestamp(3) with time zone"}})).message, "no error");
    EXPECT_EQ(refused(by_value.of({{"id", "integer"}, {"dbt_valid_to", naive}})).message,
              "snapshot \"x\": its SELECT has the column \"dbt_valid_to\", which is one of the snapshot's own");
}
TEST(SnapshotSql, TheTableMustFit) {
    EXPECT_EQ(refused(by_time.of(plain, stored(plain))).message, "no error");
    auto e = refused(by_time.of(plain, plain));
    EXPECT_EQ(e.message, "snapshot \"x\": analytics.x is there already, and is no table of a snapshot");
    EXPECT_EQ(e.sqlstate, sqlstate::contract);
    EXPECT_EQ(refused(by_time.of(plain, stored({{"v", "text"}}))).message,
              "snapshots/s.sql:2: column \"id\" in the key \"unique_key\" of snapshot \"x\" is none of analytics.x");
    e = refused(by_time.of(plain, stored(plain, "date")));
    EXPECT_EQ(e.message, "snapshot \"x\": column \"at\" is of type timestamp without time zone in its SELECT, but the "
                         "versions in analytics.x have dates");
    EXPECT_TRUE(e.hint.starts_with(
        "ALTER TABLE analytics.x ALTER COLUMN dbt_updated_at TYPE timestamp without time zone, ALTER COLUMN"));
    auto odd = stored(plain);
    odd.back().type = "date";
    EXPECT_EQ(refused(by_time.of(plain, odd)).message,
              "snapshot \"x\": column \"dbt_valid_to\" of analytics.x is of type date");
    auto type = [](const std::string &from, const std::string &to) {
        return refused(by_value.of({{"id", "integer"}, {"c", from}}, stored({{"id", "integer"}, {"c", to}}))).message ==
               "no error";
    };
    for (const auto &[from, to] :
         std::vector<std::pair<std::string, std::string>>{{"smallint", "bigint"},
                                                          {"bigint", "numeric"},
                                                          {"numeric(9,2)", "numeric"},
                                                          {"character varying(5)", "text"},
                                                          {"character varying(5)", "character varying(6)"},
                                                          {"character varying(5)", "character varying"},
                                                          {"real", "double precision"}})
        EXPECT_TRUE(type(from, to)) << from << ", " << to;
    for (const auto &[from, to] :
         std::vector<std::pair<std::string, std::string>>{{"bigint", "integer"},
                                                          {"numeric", "bigint"},
                                                          {"text", "character varying(5)"},
                                                          {"character varying", "character varying(6)"},
                                                          {"integer[]", "bigint"},
                                                          {"character varying(5)[]", "text"},
                                                          {"double precision", "real"},
                                                          {"text", "integer"}})
        EXPECT_FALSE(type(from, to)) << from << ", " << to;
    e = refused(by_value.of({{"id", "bigint"}}, stored({{"id", "integer"}})));
    EXPECT_EQ(e.message, "snapshot \"x\": column \"id\" is of type bigint in its SELECT, and integer in analytics.x");
    EXPECT_EQ(e.hint, "Cast it in the SELECT, or: ALTER TABLE analytics.x ALTER COLUMN \"id\" TYPE bigint;");
}
