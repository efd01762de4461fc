// Which queries go to a worker of their own.
#include "pg/parallel_rows.h"
#include "pg/query_tree.h"

extern "C" {
#include "catalog/pg_proc.h"
#include "optimizer/optimizer.h"
#include "tcop/tcopprot.h"
}

namespace barometre::pg {

namespace {

/// What a query must cost beyond the rows that it hands over, in starts of a worker.
constexpr double starts_worth = 10;
/// Of the planner's cost, what its own division among workers must leave for us to do better.
constexpr double well_divided = 0.6;

// What follows runs inside call().

bool is_unsafe(Oid function, void *) { return func_parallel(function) != PROPARALLEL_SAFE; }

/// As the server's max_parallel_hazard(), which also refuses what gives other rows when it is divided: here a worker
/// runs the whole.
bool stays_here(Node *node, void *context) {
    if (!node)
        return false;
    switch (nodeTag(node)) {
    case T_Query: {
        auto *query = reinterpret_cast<Query *>(node);
        if (query->commandType != CMD_SELECT || query->hasModifyingCTE || query->rowMarks != NIL)
            return true;
        return query_tree_walker(query, compat::walker(stays_here), context, 0);
    }
    case T_NextValueExpr:
    case T_CoerceToDomain: // its checks may call anything
        return true;
    case T_TableSampleClause:
        if (is_unsafe(reinterpret_cast<TableSampleClause *>(node)->tsmhandler, nullptr))
            return true;
        break;
    default:
        if (check_functions_in_node(node, is_unsafe, context))
            return true;
    }
    return expression_tree_walker(node, compat::walker(stays_here), context);
}

/// Whether another process of the server sees the table's rows as this one does. Of another access method than heap it
/// may keep some in memory.
bool is_seen_by_workers(Oid table) {
    HeapTuple found = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    if (!HeapTupleIsValid(found))
        return false;
    const auto *form = reinterpret_cast<Form_pg_class>(GETSTRUCT(found));
    const bool answer = form->relpersistence != RELPERSISTENCE_TEMP && form->relkind != RELKIND_FOREIGN_TABLE &&
                        (form->relam == HEAP_TABLE_AM_OID || !RELKIND_HAS_TABLE_AM(form->relkind));
    ReleaseSysCache(found);
    return answer;
}

/// With the tables that inherit, which the planner adds.
bool reads_only_what_workers_see(const PlannedStmt *plan) {
    ListCell *cell = nullptr;
    foreach (cell, plan->rtable) {
        const auto *entry = lfirst_node(RangeTblEntry, cell);
        if (entry->rtekind == RTE_RELATION && !is_seen_by_workers(entry->relid))
            return false;
    }
    return true;
}

/// Whether CREATE TABLE AS makes the same columns of the query, with and without data: what the planner simplifies may
/// know more of its type.
bool has_settled_columns(const Query *query, const PlannedStmt *plan) {
    ListCell *before = nullptr, *after = nullptr;
    if (list_length(query->targetList) != list_length(plan->planTree->targetlist))
        return false;
    forboth(before, query->targetList, after, plan->planTree->targetlist) {
        const auto *was = lfirst_node(TargetEntry, before), *is = lfirst_node(TargetEntry, after);
        const auto *old_value = reinterpret_cast<Node *>(was->expr), *value = reinterpret_cast<Node *>(is->expr);
        if (was->resjunk != is->resjunk || exprType(old_value) != exprType(value) ||
            exprTypmod(old_value) != exprTypmod(value) || exprCollation(old_value) != exprCollation(value))
            return false;
    }
    return true;
}

double work_of(const char *text) {
    List *statements = raw_parser(text, RAW_PARSE_DEFAULT);
    if (list_length(statements) != 1)
        return 0;
    Query *query = parse_analyze_fixedparams(linitial_node(RawStmt, statements), text, nullptr, 0, nullptr);
    if (query->commandType != CMD_SELECT)
        return 0;
    List *rewritten = QueryRewrite(query);
    if (list_length(rewritten) != 1)
        return 0;
    query = linitial_node(Query, rewritten);
    if (stays_here(reinterpret_cast<Node *>(query), nullptr))
        return 0;
    // The planner writes into what it is given.
    const PlannedStmt *plan = pg_plan_query(static_cast<Query *>(copyObjectImpl(query)), text, 0, nullptr);
    const double cost = plan->planTree->total_cost;
    if (cost - plan->planTree->plan_rows * parallel_tuple_cost < starts_worth * parallel_setup_cost ||
        !reads_only_what_workers_see(plan) || !has_settled_columns(query, plan))
        return 0;
    plan = pg_plan_query(query, text, CURSOR_OPT_PARALLEL_OK, nullptr);
    if (plan->parallelModeNeeded && plan->planTree->total_cost < well_divided * cost)
        return 0;
    return cost;
}

} // namespace

double work_for_a_worker(const std::string &query) {
    detail::tree_memory trees(query);
    trees.ensure_snapshot();
    const char *text = query.c_str();
    double work = 0;
    trees.run([&] { work = work_of(text); });
    return work;
}

} // namespace barometre::pg
