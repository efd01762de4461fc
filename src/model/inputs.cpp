#include "model/inputs.h"
#include "core/name/sql_words.h"
#include "pg/relations.h"
#include "registry/change.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

const char *const view_hash = "(SELECT pg_catalog.md5(r.ev_action::text) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = %s AND r.rulename = '_RETURN')";
const char *const function_hash =
    "(SELECT pg_catalog.md5(ROW(f.pronamespace, f.proname, f.prolang, f.provolatile, f.proisstrict, f.proargtypes, f.prorettype, f.prosrc, "
    "f.probin, f.proconfig, f.proargdefaults::text, f.prosqlbody::text, (SELECT a FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = f.oid))::text) "
    "FROM pg_catalog.pg_proc f WHERE f.oid = %s)";

namespace {

std::string with(const char *expression, const std::string &oid) {
    std::string out = expression;
    return out.replace(out.find("%s"), 2, oid);
}

std::string array_of(const std::vector<Oid> &oids) {
    std::string out = "{";
    for (Oid oid : oids)
        out += (out.size() > 1 ? "," : "") + std::to_string(oid);
    return out + "}";
}

/// Whether a function of the server's that isn't immutable depends only on its arguments and on settings that are pinned.
bool is_pinned(const std::string &name, bool of_times, int arguments) {
    static const std::set<std::string> pinned{
        "to_char",     "to_timestamp", "to_date",       "to_number",     "concat",        "concat_ws",     "format",
        "array_to_string", "date_trunc", "date_part",   "extract",       "timezone",      "make_timestamptz", "generate_series",
        "textanycat",  "anytextcat",   "quote_literal", "quote_nullable", "to_json",      "to_jsonb",      "row_to_json",
        "array_to_json", "pg_typeof",  "enum_first",    "enum_last",     "enum_range",    "date",          "time",
        "timetz",      "timestamp",    "timestamptz",   "text",          "format_type",   "make_interval", "record_out",
        "regexp_replace", "string_agg", "array_agg",    "date_in",       "timestamp_in",  "timestamptz_in"};
    if (name == "age" && arguments == 1) // since today
        return false;
    return pinned.count(name) || name.starts_with("json") || (of_times && arguments > 0);
}

/// Words of a function's body that read the clock, the session or anything else.
bool is_session_word(const std::string &word) {
    static const std::set<std::string> words{"current_date",  "current_time", "current_timestamp", "localtime",       "localtimestamp",
                                             "current_user",  "session_user", "current_role",      "current_catalog", "current_schema"};
    return words.count(word) > 0;
}

} // namespace

struct input_reader::function {
    std::string shown, name, schema, language, body, hash;
    char volatility = 'v';
    bool of_times = false;
    int arguments = 0;
    // Of functions that are not the server's own: what the words of the body may mean.
    std::vector<Oid> calls, tables;
    std::string always;
    bool is_builtin() const { return schema == "pg_catalog"; }
};

std::map<std::string, Oid> find_nodes(const project::project &p) {
    std::vector<std::string> names, relations;
    auto add = [&](const std::string &node) {
        names.push_back(node);
        relations.push_back(relation_of(p, node));
    };
    for (const project::model &m : p.models)
        add(m.name);
    for (const project::seed &s : p.seeds)
        add(s.name);
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams)
            add(s.tap + "." + s.name);
    auto found = pg::sql("SELECT x.node, pg_catalog.to_regclass(x.relation)::oid FROM unnest($1::text[], $2::text[]) AS x(node, relation)",
                         {pg::array_literal(names), pg::array_literal(relations)});
    std::map<std::string, Oid> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (found.at(i, 1))
            out[found.text(i, 0)] = static_cast<Oid>(std::stoul(found.text(i, 1)));
    return out;
}

void input_reader::learn_all(const std::vector<Oid> &oids) {
    std::vector<Oid> unknown;
    for (Oid oid : oids)
        if (!functions_.count(oid))
            unknown.push_back(oid);
    if (unknown.empty())
        return;
    for (Oid oid : unknown)
        functions_[oid] = std::make_shared<function>();
    auto found = pg::sql("SELECT p.oid, p.oid::regprocedure, p.proname, n.nspname, l.lanname, p.provolatile, p.pronargs, "
                         "(SELECT coalesce(bool_and(t.typcategory IN ('D', 'T')), false) FROM unnest(p.proargtypes) AS a(oid) JOIN pg_catalog.pg_type t USING (oid)), "
                         "coalesce(nullif(p.prosrc, ''), pg_catalog.pg_get_function_sqlbody(p.oid), ''), " + with(function_hash, "p.oid") +
                             " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                             "JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.oid = ANY ($1::oid[])",
                         {array_of(unknown)});
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        function &f = *functions_[static_cast<Oid>(std::stoul(found.text(i, 0)))];
        f.shown = found.text(i, 1);
        f.name = found.text(i, 2);
        f.schema = found.text(i, 3);
        f.language = found.text(i, 4);
        f.volatility = found.text(i, 5).at(0);
        f.arguments = static_cast<int>(found.number(i, 6));
        f.of_times = found.yes(i, 7);
        f.body = found.text(i, 8);
        f.hash = found.text(i, 9);
    }
    for (Oid oid : unknown) {
        function &f = *functions_[oid];
        if (f.is_builtin()) {
            if (f.volatility != 'i' && !is_pinned(f.name, f.of_times, f.arguments))
                f.always = "it calls " + f.shown;
            continue;
        }
        const bool declared = f.volatility == 'i'; // then its owner says that it reads nothing else
        if (f.language != "sql" && f.language != "plpgsql") {
            if (!declared)
                f.always = "it calls " + f.shown + ", whose language can't be analysed";
            continue;
        }
        const std::vector<std::string> words = sql_words(f.body);
        if (!declared)
            for (const std::string &word : words)
                if (is_session_word(word) || (word == "execute" && f.language == "plpgsql"))
                    f.always = "it calls " + f.shown + ", which uses " + word;
        auto called = pg::sql("SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                              "WHERE p.proname = ANY ($1::text[]) AND p.oid <> $2::oid AND (n.nspname <> 'pg_catalog' OR $3::bool AND p.provolatile <> 'i')",
                              {pg::array_literal(words), std::to_string(oid), declared ? "f" : "t"});
        for (std::size_t i = 0; i < called.rows.size(); ++i)
            f.calls.push_back(static_cast<Oid>(std::stoul(called.text(i, 0))));
        if (declared)
            continue;
        auto tables = pg::sql("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY ($1::text[]) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') "
                              "AND c.relnamespace <> 'barometre'::regnamespace",
                              {pg::array_literal(words)});
        for (std::size_t i = 0; i < tables.rows.size(); ++i)
            f.tables.push_back(static_cast<Oid>(std::stoul(tables.text(i, 0))));
    }
}

const input_reader::function &input_reader::learn(Oid oid) {
    learn_all({oid});
    return *functions_.at(oid);
}

model_inputs input_reader::read(const project::model &m, const pg::analyzed_query &query, bool reads_clock, const node_oids &oids,
                                const std::function<Oid(const std::string &node)> &published) {
    model_inputs out;
    std::string always = reads_clock ? "its SQL has a word for the current time" : query.always_changes.empty() ? "" : "it uses " + query.always_changes;
    auto also = [&](const std::string &why) {
        if (always.empty())
            always = why;
    };

    // Functions, and what they may call and read in turn.
    std::set<Oid> seen(query.functions.begin(), query.functions.end());
    std::vector<Oid> open = query.functions, tables_of_functions;
    while (!open.empty()) {
        learn_all(open);
        std::vector<Oid> next;
        for (Oid oid : open) {
            const function &f = learn(oid);
            also(f.always);
            if (!f.is_builtin())
                out.all.push_back({"function", oid, f.hash});
            for (Oid called : f.calls)
                if (seen.insert(called).second)
                    next.push_back(called);
            tables_of_functions.insert(tables_of_functions.end(), f.tables.begin(), f.tables.end());
        }
        open = std::move(next);
    }

    std::set<Oid> relations, views(query.views.begin(), query.views.end());
    for (const pg::relation_read &r : query.relations)
        relations.insert(r.relation);
    for (Oid table : tables_of_functions) {
        if (auto node = oids.find(table); node != oids.end())
            out.read_by_functions.insert(node->second);
        relations.insert(table);
    }
    for (auto r = relations.begin(); r != relations.end();) {
        auto kind = pg::sql("SELECT relkind = 'v' FROM pg_catalog.pg_class WHERE oid = $1::oid", {std::to_string(*r)});
        if (!kind.empty() && kind.yes(0, 0)) { // a function's
            auto below = pg::analyze_query("SELECT * FROM " + pg::name_of(*r));
            views.insert(below.views.begin(), below.views.end());
            for (const pg::relation_read &b : below.relations)
                relations.insert(b.relation);
            r = relations.erase(r);
        } else {
            ++r;
        }
    }
    for (Oid view : views) {
        auto node = oids.find(view);
        const Oid object = node == oids.end() ? view : published(node->second);
        if (node != oids.end()) { // stamped when it is published
            out.all.push_back({"relation", object, ""});
            continue;
        }
        out.all.push_back({"view", object, pg::sql("SELECT " + with(view_hash, "$1::oid"), {std::to_string(object)}).text(0, 0)});
    }
    for (Oid relation : relations) {
        if (auto node = oids.find(relation); node != oids.end()) {
            out.all.push_back({"relation", published(node->second), ""});
            continue;
        }
        // Somebody else's: its partitions or children may be written by themselves.
        auto members = pg::sql("WITH RECURSIVE member AS (SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN member m ON m.oid = i.inhparent) "
                               "SELECT m.oid, (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = m.oid), " + stamped_by_trigger("m.oid") + " FROM member m",
                               {std::to_string(relation)});
        for (std::size_t i = 0; i < members.rows.size(); ++i) {
            if (!members.yes(i, 2)) {
                also("it reads " + members.text(i, 1) + ", which others write");
                break;
            }
            out.all.push_back({"stamped", static_cast<Oid>(std::stoul(members.text(i, 0))), ""});
        }
    }
    out.always = m.is_volatile ? (*m.is_volatile ? "it is declared volatile" : "") : always;
    return out;
}

} // namespace barometre::model
