#include "pg/distribution.h"
#include "core/text/text.h"
#include "pg/guard.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"

extern "C" {
#include "commands/extension.h"
#include "executor/spi.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/guc.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"
}

namespace barometre::pg {

bool has_citus() {
    // Its settings are there as soon as it is loaded, its catalog where the database has it.
    return call([] {
        return GetConfigOption("citus.multi_shard_modify_mode", true, false) != nullptr &&
               OidIsValid(get_extension_oid("citus", true));
    });
}

void check_coordinator() {
    if (!has_citus())
        return;
    const auto found = sql("SELECT n.nodename, n.nodeport FROM pg_catalog.pg_dist_local_group g LEFT JOIN "
                           "pg_catalog.pg_dist_node n ON n.groupid = 0 WHERE g.groupid <> 0 LIMIT 1");
    if (found.empty())
        return;
    throw error(sqlstate::not_configured, "this server is a worker of a Citus cluster",
                "What was loaded and built is remembered at the coordinator.",
                found.at(0, 0)
                    ? "Connect to " + found.text(0, 0) + ", port " + found.text(0, 1) + ", and call it there."
                    : "Connect to the coordinator, and call it there.");
}

namespace {

/// What is set while it lives ends with it.
struct settings_scope {
    int level = NewGUCNestLevel();
    ~settings_scope() { AtEOXact_GUC(false, level); }
};

/// Runs inside call.
void run_utility(const char *text) {
    auto *utility = makeNode(PlannedStmt);
    utility->commandType = CMD_UTILITY;
    utility->canSetTag = true;
    utility->utilityStmt = linitial_node(RawStmt, pg_parse_query(text))->stmt;
    utility->stmt_location = 0;
    utility->stmt_len = 0;
    ProcessUtility(utility, text, false, PROCESS_UTILITY_QUERY, nullptr, nullptr, None_Receiver, nullptr);
}

} // namespace

void tell_nodes_settings() {
    if (!has_citus())
        return;
    std::vector<std::string> statements;
    for (const char *name : {"TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output"}) {
        const std::string value = call([&] { return GetConfigOption(name, false, false); });
        statements.push_back(std::string("SET LOCAL ") + name + " = " + quote_literal(value));
    }
    const settings_scope same; // which takes the same values back to themselves
    call([&] {
        set_config_option("citus.propagate_set_commands", "local", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                          false);
    });
    // Of a function that a single SELECT calls, Citus passes on only what is set within a block of its own. That block
    // takes a snapshot, as the SELECT did already.
    if (call([] { return ActiveSnapshotSet(); })) {
        sql("DO " + quote_literal("BEGIN " + text::join(statements, "; ") + "; END"));
        return;
    }
    for (const std::string &statement : statements)
        call([&] { run_utility(statement.c_str()); });
}

result project_sql_here(const std::string &statement) {
    if (!has_citus())
        return project_sql(statement);
    const settings_scope alone;
    call([] {
        set_config_option("citus.enable_ddl_propagation", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                          false);
    });
    return project_sql(statement);
}

distribution distribution_of(oid table) {
    if (!has_citus())
        return {};
    const auto found = sql("SELECT partmethod, repmodel, colocationid, column_to_column_name(logicalrelid, partkey) "
                           "FROM pg_catalog.pg_dist_partition WHERE logicalrelid = $1::oid",
                           {std::to_string(table)});
    if (found.empty())
        return {};
    using kinds = distribution::kinds;
    if (found.at(0, 3))
        return {kinds::by_column, found.text(0, 3)};
    if (found.text(0, 1) == "t")
        return {kinds::reference, ""};
    // A table of this server that Citus only knows, as a foreign key of a reference table refers to it.
    return {found.number(0, 2) == 0 ? kinds::local : kinds::other, ""};
}

void distribute(const std::string &table, const distribution &as, const std::string &beside) {
    using kinds = distribution::kinds;
    const std::string name = quote_literal(table);
    if (as.kind == kinds::reference)
        project_sql("SELECT pg_catalog.create_reference_table(" + name + ")");
    else if (as.kind == kinds::by_column)
        project_sql("SELECT pg_catalog.create_distributed_table(" + name + ", " + quote_literal(as.column) +
                    (beside.empty() ? "" : ", colocate_with => " + quote_literal(beside)) + ")");
}

namespace {

/// While shards beside which a table is made are being moved, Citus makes none, and doesn't wait either.
void outlasting_moves(const std::string &target, const std::function<void()> &make) {
    for (bool is_told = false;; is_told = true) {
        try {
            in_subtransaction(make);
            return;
        } catch (const error &e) {
            if (!e.message.starts_with("could not acquire the lock required to colocate"))
                throw;
        }
        if (!is_told)
            notice("shards of " + target + ", or of a table beside them, are being moved: waiting for the end of that");
        sleep_ms(500);
    }
}

} // namespace

void make_like(const std::string &target, const std::string &table, const std::string &query) {
    const distribution as = distribution_of(oid_of(target));
    const std::string make = "CREATE UNLOGGED TABLE " + table + " AS " + query;
    if (as.is_local())
        return project_script(make);
    project_script(make + " WITH NO DATA");
    outlasting_moves(target, [&] {
        if (as.kind == distribution::kinds::other)
            project_sql("SELECT pg_catalog.create_distributed_table(" + quote_literal(table) +
                        ", NULL, colocate_with => " + quote_literal(target) + ")");
        else
            distribute(table, as, target);
    });
    project_sql("INSERT INTO " + table + " " + query);
}

bool can_run(const std::string &query) {
    if (!has_citus())
        return true;
    const char *text = query.c_str();
    try {
        in_subtransaction([&] {
            call([&] {
                PushActiveSnapshot(GetTransactionSnapshot());
                if (const SPIPlanPtr plan = SPI_prepare(text, 0, nullptr)) {
                    if (CachedPlan *planned = SPI_plan_get_cached_plan(plan))
                        ReleaseCachedPlan(planned, nullptr);
                    SPI_freeplan(plan);
                }
                PopActiveSnapshot();
            });
        });
        return true;
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return false;
    }
}

void analyze(const std::string &table, const std::string &columns) {
    const oid id = oid_of(table);
    if (!distribution_of(id).is_local() &&
        sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_shard s JOIN pg_catalog.pg_dist_placement p USING (shardid) "
            "JOIN pg_catalog.pg_dist_local_group g USING (groupid) WHERE s.logicalrelid = $1::oid)",
            {std::to_string(id)})
            .yes(0, 0))
        return;
    project_script("ANALYZE " + table + (columns.empty() ? "" : " (" + columns + ")"));
}

std::string spread_copy(const std::string &target, const std::string &rows) {
    if (distribution_of(oid_of(target)).is_local())
        return rows;
    const std::string copy = rows + "_spread";
    make_like(target, copy, "SELECT x.* FROM " + rows + " AS x");
    return copy;
}

} // namespace barometre::pg
