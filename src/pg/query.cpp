#include "pg/query_tree.h"

#include <algorithm>
#include <cstring>

namespace barometre::pg {

namespace {

// What follows up to scan() runs inside pg::call.

bool is_clock_word(const char *word) {
    return strcmp(word, "now") == 0 || strcmp(word, "today") == 0 || strcmp(word, "tomorrow") == 0 ||
           strcmp(word, "yesterday") == 0;
}

/// Whether the input of dates and timestamps takes these bytes for a time that depends on now.
bool names_moving_time(const char *text, std::size_t size) {
    char copy[MAXDATELEN + 1], work[MAXDATELEN + MAXDATEFIELDS];
    char *fields[MAXDATEFIELDS];
    int types[MAXDATEFIELDS], count, kind, zone;
    struct pg_tm time;
    fsec_t fraction;
    if (size > MAXDATELEN)
        return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    if (ParseDateTime(copy, work, sizeof(work), fields, types, MAXDATEFIELDS, &count) != 0 ||
        compat::decode_date_time(fields, types, count, &kind, &time, &fraction, &zone) != 0)
        return false;
    for (int i = 0; i < count; ++i)
        if (is_clock_word(fields[i]))
            return true;
    return false;
}

bool reads_clock(const char *text) {
    if (!strcasestr(text, "now") && !strcasestr(text, "today") && !strcasestr(text, "tomorrow") &&
        !strcasestr(text, "yesterday"))
        return false;
    if (names_moving_time(text, strlen(text)))
        return true;
    // '[now,infinity)' and '{today,tomorrow}': ranges and arrays.
    const char *at = text + strspn(text, " \t\r\n");
    for (bool list = *at && strchr("[({", *at); list && *at;) {
        at += strspn(at, "[](){},\"");
        const std::size_t size = strcspn(at, "[](){},\"");
        if (names_moving_time(at, size))
            return true;
        at += size;
    }
    return false;
}

/// A list of things, each with the scope that it is in.
struct scoped {
    List *things, *scopes;
    void add(void *thing, int scope) {
        things = lappend(things, thing);
        scopes = lappend_int(scopes, scope);
    }
};

struct raw_walk {
    scoped tables, columns; // RangeVar; ColumnRef of schema.table.column
    scoped others;          // char *: see parsed_query
    List *short_names;      // char *: the same
    List *ctes;             // char *: those that can be named here
    List *parents;          // int: of each scope the one around it
    int scope;
    const char *clock;
    const char *refused;
    int refused_at;
};

bool refuse_in(raw_walk &w, const char *message, int byte) {
    w.refused = message;
    w.refused_at = byte;
    return true;
}

bool walk_raw(Node *node, void *context);

/// The names of WITH are seen as the server sees them: in the order of the list,
/// unless it is recursive, and below this SELECT only.
bool walk_select(SelectStmt *select, raw_walk &w) {
    if (select->intoClause)
        return refuse_in(w, "a query may not have INTO", select->intoClause->rel->location);
    if (select->lockingClause)
        return refuse_in(w, "a query may not have FOR UPDATE or FOR SHARE", -1);
    List *outer = w.ctes;
    const int around = w.scope;
    if (select->withClause) {
        ListCell *cell;
        w.ctes = list_copy(outer);
        if (select->withClause->recursive)
            foreach (cell, select->withClause->ctes)
                w.ctes = lappend(w.ctes, lfirst_node(CommonTableExpr, cell)->ctename);
        foreach (cell, select->withClause->ctes) {
            CommonTableExpr *cte = lfirst_node(CommonTableExpr, cell);
            if (!IsA(cte->ctequery, SelectStmt))
                return refuse_in(w, "a query may not change data in WITH", cte->location);
            if (walk_raw(cte->ctequery, &w))
                return true;
            if (!select->withClause->recursive)
                w.ctes = lappend(w.ctes, cte->ctename);
        }
    }
    w.scope = list_length(w.parents);
    w.parents = lappend_int(w.parents, around);
    const bool stopped = raw_expression_tree_walker(reinterpret_cast<Node *>(select), compat::walker(walk_raw), &w);
    w.scope = around;
    w.ctes = outer;
    return stopped;
}

bool is_cte(const RangeVar *table, const List *ctes) {
    ListCell *cell;
    if (!table->schemaname)
        foreach (cell, ctes)
            if (strcmp(static_cast<char *>(lfirst(cell)), table->relname) == 0)
                return true;
    return false;
}

/// A function in FROM without an alias is visible by its own name.
void walk_function(const RangeFunction *from, raw_walk &w) {
    ListCell *cell;
    if (!from->alias)
        foreach (cell, from->functions) {
            Node *function = static_cast<Node *>(linitial(lfirst_node(List, cell)));
            if (IsA(function, FuncCall))
                w.others.add(strVal(llast(reinterpret_cast<FuncCall *>(function)->funcname)), w.scope);
        }
}

bool walk_raw(Node *node, void *context) {
    auto &w = *static_cast<raw_walk *>(context);
    if (!node)
        return false;
    switch (nodeTag(node)) {
    case T_SelectStmt:
        return walk_select(reinterpret_cast<SelectStmt *>(node), w);
    case T_WithClause:
        return false; // walk_select has been there
    case T_RangeVar: {
        auto *table = reinterpret_cast<RangeVar *>(node);
        if (!is_cte(table, w.ctes))
            w.tables.add(table, w.scope);
        else if (!table->alias)
            w.others.add(table->relname, w.scope);
        break;
    }
    case T_ColumnRef: {
        List *parts = reinterpret_cast<ColumnRef *>(node)->fields;
        if (list_length(parts) >= 3)
            w.columns.add(node, w.scope);
        else if (IsA(linitial(parts), String))
            w.short_names = lappend(w.short_names, strVal(linitial(parts)));
        return false;
    }
    case T_A_Const: {
        auto *constant = reinterpret_cast<A_Const *>(node);
        if (!w.clock && !constant->isnull && IsA(&constant->val, String) && reads_clock(constant->val.sval.sval))
            w.clock = constant->val.sval.sval;
        return false;
    }
    case T_Alias:
        w.others.add(reinterpret_cast<Alias *>(node)->aliasname, w.scope);
        return false;
    case T_JoinExpr:
        if (Alias *alias = reinterpret_cast<JoinExpr *>(node)->join_using_alias) // the server's walker passes over it
            w.others.add(alias->aliasname, w.scope);
        break;
    case T_RangeFunction:
        walk_function(reinterpret_cast<RangeFunction *>(node), w);
        break;
    default:
        break;
    }
    return raw_expression_tree_walker(node, compat::walker(walk_raw), context);
}

struct token {
    int begin, end;
};

/// The text's tokens, by the server's own scanner: the tree says where names begin but not where they end.
token *scan(const char *text, int *count) {
    core_yy_extra_type extra;
    core_YYSTYPE ignored;
    core_yyscan_t scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);
    extra.escape_string_warning = false; // the parser has given it
    int room = 256, begin;
    auto *tokens = static_cast<token *>(palloc(room * sizeof(token)));
    for (*count = 0; core_yylex(&ignored, &begin, scanner) != 0; ++*count) {
        if (*count == room)
            tokens = static_cast<token *>(repalloc_huge(tokens, (room *= 2) * sizeof(token)));
        // The scanner puts a zero byte behind the token that it has just read.
        tokens[*count] = {begin, begin + static_cast<int>(strlen(extra.scanbuf + begin))};
    }
    scanner_finish(scanner);
    return tokens;
}

/// What parsing leaves in the server's memory.
struct raw_query {
    raw_walk walk;
    token *tokens;
    int count;
    const char *database;
};

/// Finds the ends of names and what stands around them.
class name_reader {
public:
    name_reader(const std::string &sql, const raw_query &raw) : sql_(sql), tokens_(raw.tokens), count_(raw.count) {}

    mention table(const RangeVar *named, int scope) const {
        mention m = name(named->location, named->catalogname ? 3 : named->schemaname ? 2 : 1);
        m.schema = named->schemaname ? named->schemaname : "";
        m.name = named->relname;
        m.has_alias = named->alias;
        m.scope = scope;
        int first = at(named->location), next = at(m.end);
        const bool in_brackets = is(next, ")") && is(first - 1, "(") && is(first - 2, "only");
        if (is(next, "*") || in_brackets) {
            m.alias_at = tokens_[next].end;
            m.inheritance.push_back(tokens_[next].begin);
        }
        for (int left = in_brackets ? 2 : is(first - 1, "only") ? 1 : 0; left > 0; --left)
            m.inheritance.push_back(tokens_[--first].begin);
        if (is(first - 1, "table"))
            m.table_word = tokens_[first - 1].begin;
        return m;
    }

    mention column(const ColumnRef *named, int scope) const {
        const int parts = list_length(named->fields);
        mention m = name(named->location, parts - 1);
        m.schema = strVal(list_nth(named->fields, parts - 3));
        m.name = strVal(list_nth(named->fields, parts - 2));
        m.column = true;
        m.scope = scope;
        return m;
    }

private:
    mention name(int location, int parts) const {
        int i = at(location);
        for (int part = 1; part <= parts; ++part) {
            if (part > 1)
                ++i; // the dot
            const bool unicode =
                i < count_ && tokens_[i].end - tokens_[i].begin > 2 && sql_[tokens_[i].begin + 1] == '&';
            i += unicode && is(i + 1, "uescape") ? 3 : 1;
        }
        if (i > count_)
            throw error(sqlstate::internal, "a name in a query ends behind its text");
        mention m;
        m.begin = location;
        m.end = m.alias_at = tokens_[i - 1].end;
        return m;
    }

    /// The first token that begins there or later.
    int at(std::size_t byte) const {
        const token *found = std::lower_bound(tokens_, tokens_ + count_, byte, [](const token &t, std::size_t b) {
            return static_cast<std::size_t>(t.begin) < b;
        });
        return static_cast<int>(found - tokens_);
    }

    bool is(int i, const char *word) const {
        if (i < 0 || i >= count_)
            return false;
        const std::size_t size = tokens_[i].end - tokens_[i].begin;
        return size == strlen(word) && strncasecmp(sql_.c_str() + tokens_[i].begin, word, size) == 0;
    }

    const std::string &sql_;
    const token *tokens_;
    int count_;
};

} // namespace

void detail::refuse(const std::string &sql, const char *message, int byte, const char *hint) {
    error e(sqlstate::project_invalid, message, "",
            hint ? hint : "Write one SELECT that only reads; it may begin with WITH.");
    const char *text = sql.c_str();
    e.query = sql;
    e.query_position = byte < 0 ? 0 : call([&] { return pg_mbstrlen_with_len(text, byte); }) + 1;
    throw e;
}

parsed_query parse_query(const std::string &sql) {
    detail::tree_memory trees(sql);
    const char *text = sql.c_str();
    raw_query raw = {};
    raw.walk.scope = -1;
    trees.run([&] {
        List *statements = raw_parser(text, RAW_PARSE_DEFAULT);
        if (list_length(statements) != 1) {
            refuse_in(raw.walk, statements ? "the text has more than one statement" : "the text has no query",
                      statements ? lsecond_node(RawStmt, statements)->stmt_location : -1);
            return;
        }
        Node *statement = linitial_node(RawStmt, statements)->stmt;
        if (!IsA(statement, SelectStmt)) {
            refuse_in(raw.walk, "the statement is not a query", 0);
            return;
        }
        if (walk_raw(statement, &raw.walk))
            return;
        raw.tokens = scan(text, &raw.count);
        raw.database = get_database_name(MyDatabaseId);
    });
    if (raw.walk.refused)
        detail::refuse(sql, raw.walk.refused, raw.walk.refused_at);

    parsed_query parsed;
    parsed.reads_clock = raw.walk.clock ? raw.walk.clock : "";
    const name_reader names(sql, raw);
    std::set<std::string> tables;
    ListCell *cell, *scope;
    // A name in another database is left to the server, which refuses it.
    forboth(cell, raw.walk.tables.things, scope, raw.walk.tables.scopes) {
        auto *table = lfirst_node(RangeVar, cell);
        if (!table->catalogname || strcmp(table->catalogname, raw.database) == 0)
            parsed.mentions.push_back(names.table(table, lfirst_int(scope)));
        tables.insert(table->relname);
    }
    forboth(cell, raw.walk.columns.things, scope, raw.walk.columns.scopes) {
        auto *column = lfirst_node(ColumnRef, cell);
        const int parts = list_length(column->fields);
        if (parts == 3 || (parts == 4 && strcmp(strVal(linitial(column->fields)), raw.database) == 0))
            parsed.mentions.push_back(names.column(column, lfirst_int(scope)));
    }
    foreach (cell, raw.walk.parents)
        parsed.scopes.push_back(lfirst_int(cell));
    forboth(cell, raw.walk.others.things, scope, raw.walk.others.scopes)
        parsed.other_names.emplace(lfirst_int(scope), static_cast<char *>(lfirst(cell)));
    foreach (cell, raw.walk.short_names)
        if (tables.contains(static_cast<char *>(lfirst(cell))))
            parsed.short_names.insert(static_cast<char *>(lfirst(cell)));
    std::sort(parsed.mentions.begin(), parsed.mentions.end(),
              [](const mention &a, const mention &b) { return a.begin < b.begin; });
    return parsed;
}

} // namespace barometre::pg
