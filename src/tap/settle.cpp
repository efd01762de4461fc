#include "tap/settle.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "tap/stream.h"

namespace barometre::tap {

namespace {

/// Why the type of a column must not change, as a clause; empty: it may. The key that a load made is no obstacle.
std::string obstacle(const project::stream &stream, const std::string &column) {
    const auto found = pg::sql(
        "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_catalog.pg_depend d "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
        "WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1::regclass AND a.attname = $2 "
        "AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE d.classid = 'pg_catalog.pg_constraint'::regclass "
        "AND c.oid = d.objid AND c.conrelid = d.refobjid AND c.contype IN ('p', 'n')) ORDER BY 1",
        {table_of(stream), column});
    if (!found.empty())
        return found.text(0, 0) + " depends on it";
    const auto valued = pg::project_sql(
        "SELECT FROM " + table_of(stream) + " AS t WHERE t." + pg::quote_identifier(column) + " IS NOT NULL", {}, 1);
    return valued.processed > 0 ? "it has values that no load gave it" : "";
}

/// Gives why the type can't change, as a clause; empty: it is changed.
std::string change_type(const project::stream &stream, const std::string &column, const std::string &alter) {
    pg::claim_relation(stream.tap, stream.name, pg::claim_lock::writes);
    std::string why_not;
    try {
        pg::in_subtransaction([&] {
            pg::project_script("LOCK TABLE " + table_of(stream) + " IN ACCESS EXCLUSIVE MODE");
            why_not = obstacle(stream, column);
            if (why_not.empty())
                pg::project_script(alter);
        });
    } catch (const error &e) {
        // A privilege, a partition, a type that is used as a whole: the load goes on without.
        for (const char *kind : {"0A", "2B", "42"})
            if (e.sqlstate.starts_with(kind))
                return "the server says: " + e.message;
        throw;
    }
    return why_not;
}

} // namespace

void settle_columns(const project::stream &stream, const purpose &why, staged &read) {
    for (load::planned_column &c : read.columns) {
        if (!text::contains(read.settled, c.name))
            continue;
        const std::string name = pg::quote_identifier(c.name), what = shown(stream) + ": column \"" + c.name + "\" ",
                          alter = "ALTER TABLE " + table_of(stream) + " ALTER COLUMN " + name + " TYPE " + c.type +
                                  " USING " + name + "::" + c.type;
        const std::string why_not = change_type(stream, c.name, alter);
        if (why_not.empty()) {
            read.changes.push_back("column \"" + c.name + "\" had no value so far and is now " + c.type);
            continue;
        }
        if (!why.is_silent())
            pg::warning(what + "stays text, though its first values are of type " + c.type + ": " + why_not,
                        "To change it: " + alter + ";");
        pg::project_script("ALTER TABLE " + read.table + " ALTER COLUMN " + name + " TYPE text");
        c.type = "text";
    }
}

} // namespace barometre::tap
