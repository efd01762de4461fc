#include "pg/query_tree.h"

namespace barometre::pg {

namespace {

// What follows runs inside pg::call.

struct query_walk {
    List *relations, *relations_through; // of the same length
    List *walked, *walked_through;       // views, likewise
    List *views, *functions;
    List *names, *types; // of the result's columns
    const char *changes;
    Oid through;
};

/// Adds a pair to two lists; false: it was there.
bool add_pair(List *&firsts, List *&seconds, Oid first, Oid second) {
    ListCell *a, *b;
    forboth(a, firsts, b, seconds) if (lfirst_oid(a) == first && lfirst_oid(b) == second) return false;
    firsts = lappend_oid(firsts, first);
    seconds = lappend_oid(seconds, second);
    return true;
}

bool note_function(Oid function, void *context) {
    auto &w = *static_cast<query_walk *>(context);
    if (!OidIsValid(function) || list_member_oid(w.functions, function))
        return false;
    w.functions = lappend_oid(w.functions, function);
    if (function < FirstNormalObjectId)
        return false;
    HeapTuple tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(function));
    if (HeapTupleIsValid(tuple)) {
        auto *a = reinterpret_cast<Form_pg_aggregate>(GETSTRUCT(tuple));
        for (Oid part : {a->aggtransfn, a->aggfinalfn, a->aggcombinefn, a->aggserialfn, a->aggdeserialfn,
                         a->aggmtransfn, a->aggminvtransfn, a->aggmfinalfn})
            note_function(part, context);
        ReleaseSysCache(tuple);
    }
    return false;
}

const char *name_of(SQLValueFunctionOp op) {
    switch (op) {
    case SVFOP_CURRENT_DATE:
        return "CURRENT_DATE";
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N:
        return "CURRENT_TIME";
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N:
        return "CURRENT_TIMESTAMP";
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N:
        return "LOCALTIME";
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N:
        return "LOCALTIMESTAMP";
    case SVFOP_CURRENT_ROLE:
        return "CURRENT_ROLE";
    case SVFOP_CURRENT_USER:
        return "CURRENT_USER";
    case SVFOP_USER:
        return "USER";
    case SVFOP_SESSION_USER:
        return "SESSION_USER";
    case SVFOP_CURRENT_CATALOG:
        return "CURRENT_CATALOG";
    case SVFOP_CURRENT_SCHEMA:
        return "CURRENT_SCHEMA";
    }
    return "a function of the session";
}

bool walk_query(Node *node, void *context);

void walk_relation(Oid relation, query_walk &w) {
    if (get_rel_relkind(relation) != RELKIND_VIEW) {
        add_pair(w.relations, w.relations_through, relation, w.through);
        return;
    }
    const Oid outer = w.through;
    if (!OidIsValid(outer))
        w.through = relation;
    w.views = list_append_unique_oid(w.views, relation);
    // A view's own query names the view, too, as OLD and NEW: the list ends that.
    if (add_pair(w.walked, w.walked_through, relation, w.through)) {
        Relation view = relation_open(relation, AccessShareLock);
        auto *query = static_cast<Node *>(copyObjectImpl(get_view_query(view)));
        relation_close(view, NoLock);
        walk_query(query, &w);
    }
    w.through = outer;
}

/// Walks all of the tree; never stops early.
bool walk_query(Node *node, void *context) {
    auto &w = *static_cast<query_walk *>(context);
    if (!node)
        return false;
    switch (nodeTag(node)) {
    case T_Query:
        return query_tree_walker(reinterpret_cast<Query *>(node), compat::walker(walk_query), context,
                                 QTW_EXAMINE_RTES_BEFORE | QTW_EXAMINE_SORTGROUP);
    case T_RangeTblEntry: {
        auto *entry = reinterpret_cast<RangeTblEntry *>(node);
        if (entry->rtekind == RTE_RELATION)
            walk_relation(entry->relid, w);
        return false; // the server's walker goes into it
    }
    case T_SortGroupClause: {
        auto *sort = reinterpret_cast<SortGroupClause *>(node);
        note_function(OidIsValid(sort->eqop) ? get_opcode(sort->eqop) : InvalidOid, context);
        note_function(OidIsValid(sort->sortop) ? get_opcode(sort->sortop) : InvalidOid, context);
        return false;
    }
    case T_WindowClause:
        note_function(reinterpret_cast<WindowClause *>(node)->startInRangeFunc, context);
        note_function(reinterpret_cast<WindowClause *>(node)->endInRangeFunc, context);
        break;
    case T_SetOperationStmt:
        walk_query(reinterpret_cast<Node *>(reinterpret_cast<SetOperationStmt *>(node)->groupClauses), context);
        break;
    case T_SQLValueFunction:
        w.changes = w.changes ? w.changes : name_of(reinterpret_cast<SQLValueFunction *>(node)->op);
        break;
    case T_NextValueExpr:
        w.changes = w.changes ? w.changes : "nextval";
        break;
    case T_TableSampleClause:
        if (!reinterpret_cast<TableSampleClause *>(node)->repeatable)
            w.changes = w.changes ? w.changes : "TABLESAMPLE";
        break;
    case T_CoerceViaIO:
        break; // input and output depend on settings that are pinned
    default:
        check_functions_in_node(node, note_function, context);
    }
    return expression_tree_walker(node, compat::walker(walk_query), context);
}

} // namespace

analyzed_query analyze_query(const std::string &sql) {
    detail::tree_memory trees(sql);
    trees.ensure_snapshot();
    const char *text = sql.c_str();
    query_walk walk = {};
    bool is_query = false;
    trees.run([&] {
        List *statements = raw_parser(text, RAW_PARSE_DEFAULT);
        is_query = list_length(statements) == 1 && IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt);
        if (!is_query)
            return;
        Query *query = parse_analyze_fixedparams(linitial_node(RawStmt, statements), text, nullptr, 0, nullptr);
        is_query = query->commandType == CMD_SELECT && !query->hasModifyingCTE;
        ListCell *target;
        foreach (target, query->targetList) {
            auto *entry = lfirst_node(TargetEntry, target);
            if (entry->resjunk)
                continue;
            auto *value = reinterpret_cast<Node *>(entry->expr);
            walk.names = lappend(walk.names, entry->resname);
            walk.types = lappend(walk.types, format_type_with_typemod(exprType(value), exprTypmod(value)));
        }
        walk_query(reinterpret_cast<Node *>(query), &walk);
    });
    if (!is_query)
        detail::refuse(sql, "the text is not one query", -1);

    analyzed_query analyzed;
    ListCell *cell, *through;
    forboth(cell, walk.relations, through, walk.relations_through)
        analyzed.relations.push_back({lfirst_oid(cell), lfirst_oid(through)});
    foreach (cell, walk.views)
        analyzed.views.push_back(lfirst_oid(cell));
    foreach (cell, walk.functions)
        analyzed.functions.push_back(lfirst_oid(cell));
    ListCell *type;
    forboth(cell, walk.names, type, walk.types)
        analyzed.columns.push_back({static_cast<const char *>(lfirst(cell)), static_cast<const char *>(lfirst(type))});
    analyzed.always_changes = walk.changes ? walk.changes : "";
    return analyzed;
}

} // namespace barometre::pg
