#include "load/withheld.h"
#include "core/text/text.h"

namespace barometre::load {

namespace {

/// As pg_trigger.tgtype has them: insert 4, delete 8, update 16. A row that changes its partition is deleted and
/// inserted.
int trigger_events(writes what) { return what == writes::insert ? 4 : what == writes::deletion ? 8 : 28; }

/// As pg_rewrite.ev_type has them.
std::string rule_events(writes what) {
    return what == writes::insert ? "3" : what == writes::upsert ? "23" : what == writes::update ? "2" : "4";
}

} // namespace

withholders::withholders(std::string target, writes what) : target_(std::move(target)), what_(what) {
    auto found = pg::sql(
        "WITH RECURSIVE below AS (SELECT $1::regclass::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits "
        "i JOIN below b ON b.oid = i.inhparent), fires AS (SELECT CASE current_setting('session_replication_role') "
        "WHEN 'replica' THEN '{R,A}' ELSE '{O,A}' END::\"char\"[] AS state) "
        "SELECT 'trigger' AS kind, t.tgname::text AS name, 'DROP TRIGGER ' || quote_ident(t.tgname) || ' ON ' || "
        "t.tgrelid::regclass AS remedy FROM pg_catalog.pg_trigger t JOIN below b ON b.oid = t.tgrelid, fires WHERE NOT "
        "t.tgisinternal AND t.tgenabled = ANY (fires.state) AND t.tgtype & 1 <> 0 AND t.tgtype & 66 <> 0 AND t.tgtype "
        "& $2::int <> 0 UNION ALL "
        "SELECT 'rule', r.rulename::text, 'DROP RULE ' || quote_ident(r.rulename) || ' ON ' || r.ev_class::regclass "
        "FROM pg_catalog.pg_rewrite r, fires WHERE r.ev_class = $1::regclass AND r.is_instead AND r.ev_enabled = ANY "
        "(fires.state) AND strpos($3, r.ev_type::text) > 0 UNION ALL "
        "SELECT 'row security', '', 'ALTER TABLE ' || $1 || ' NO FORCE ROW LEVEL SECURITY' WHERE "
        "pg_catalog.row_security_active($1::regclass) UNION ALL "
        "SELECT 'foreign table', c.relname::text, '' FROM pg_catalog.pg_class c JOIN below b ON b.oid = c.oid WHERE "
        "c.relkind = 'f'",
        {target_, std::to_string(trigger_events(what)), rule_events(what)});
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const std::string kind = found.text(i, "kind"), name = found.text(i, "name");
        const std::string shown = kind + (name.empty() ? "" : " " + text::quoted(name));
        if (names_.find(shown) == std::string::npos) // a partition has the trigger of its table
            text::append(names_, shown);
        if (!found.text(i, "remedy").empty() && remedy_.empty())
            remedy_ = found.text(i, "remedy") + ";";
        hides_ = hides_ || kind == "rule" || kind == "row security";
        has_rule_ = has_rule_ || kind == "rule";
    }
}

void withholders::refuse(std::int64_t kept, std::int64_t of) const {
    const std::string counted = std::to_string(kept) + " of " + std::to_string(of);
    const std::string by = any() ? "a trigger or rule of " + target_ : "something";
    std::string does;
    switch (what_) {
    case writes::insert:
        does = " keeps " + counted + " new rows out";
        break;
    case writes::upsert:
        does = " keeps " + counted + " new or changed rows out";
        break;
    case writes::update:
        does = " keeps " + counted + " changed rows as they were";
        break;
    case writes::deletion:
        does = " keeps " + counted + " rows that go in";
        break;
    }
    throw error(sqlstate::contract, by + (any() ? "" : " at " + target_) + does + (any() ? ": " + names_ : ""),
                "What was counted and tested would not be what is in the table.",
                "Let every row through; what is not wanted is left out by the model or view that reads the table." +
                    (remedy_.empty() ? "" : "  Or: " + remedy_));
}

void withholders::look_for(const std::string &source, std::int64_t done, std::int64_t promised) const {
    if (done >= promised && !hides_)
        return;
    // A line may have been another row's before: only what this transaction wrote counts. Of a document several records
    // may begin in one line.
    const auto by_line = [](const std::string &table) {
        return "(SELECT x._baro_file, x._baro_line, pg_catalog.count(*) AS n FROM " + table;
    };
    const std::int64_t missing =
        pg::project_sql("SELECT coalesce(pg_catalog.sum(s.n OPERATOR(pg_catalog.-) coalesce(t.n, 0)), 0) FROM " +
                        by_line(source) + " AS x GROUP BY 1, 2) AS s LEFT JOIN " + by_line(target_) +
                        " AS x WHERE pg_catalog.age(x.xmin) OPERATOR(pg_catalog.<=) 0 GROUP BY 1, 2) AS t ON "
                        "t._baro_file OPERATOR(pg_catalog.=) s._baro_file AND t._baro_line OPERATOR(pg_catalog.=) "
                        "s._baro_line WHERE coalesce(t.n, 0) OPERATOR(pg_catalog.<) s.n")
            .number(0, 0);
    if (missing > 0)
        refuse(missing, promised);
}

void withholders::look_whether_gone(const std::string &rows, std::int64_t done) const {
    if (!any())
        return;
    if (const std::int64_t left = pg::project_sql(rows).number(0, 0); left > 0)
        refuse(left, has_rule_ ? left : done + left);
}

std::int64_t delete_rows(const std::string &target, const std::string &statement, const std::string &rest) {
    const auto done = static_cast<std::int64_t>(pg::project_sql(statement).processed);
    withholders(target, writes::deletion).look_whether_gone(rest, done);
    return done;
}

std::int64_t delete_rows(const std::string &target, const std::string &rows) {
    return delete_rows(target, "DELETE" + rows, "SELECT pg_catalog.count(*)" + rows);
}

void refuse_unwritable(const std::string &target, const std::string &elsewhere, const error &e) {
    const bool is_lacking = e.sqlstate == "0A000" || e.message.find("not supported") != std::string::npos;
    if (!is_lacking || elsewhere.empty() || e.sqlstate == sqlstate::contract)
        return;
    throw error(sqlstate::contract, target + " can't be written: " + e.message,
                "It is no plain table: " + elsewhere + ".",
                "Make it a plain table, or one whose rows can be deleted and changed; or rename it, then a new one is "
                "made.");
}

} // namespace barometre::load
