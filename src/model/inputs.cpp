#include "model/inputs.h"
#include "core/sql/words.h"
#include "core/text/text.h"
#include "model/definition_hash.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "registry/change.h"
#include "registry/compile.h"

#include <cstddef>
#include <set>

namespace barometre::model {

namespace {

std::string array_of(const std::vector<pg::oid> &oids) {
    return "{" + text::join(oids, ",", [](pg::oid oid) { return std::to_string(oid); }) + "}";
}

/// Whether a function of the server's that isn't immutable depends only on its arguments and on settings that are
/// pinned.
bool is_pinned(const std::string &name, bool of_times, int arguments) {
    static const std::set<std::string> pinned{"to_char",          "to_timestamp",    "to_date",     "to_number",
                                              "concat",           "concat_ws",       "format",      "array_to_string",
                                              "date_trunc",       "date_part",       "extract",     "timezone",
                                              "make_timestamptz", "generate_series", "textanycat",  "anytextcat",
                                              "quote_literal",    "quote_nullable",  "to_json",     "to_jsonb",
                                              "row_to_json",      "array_to_json",   "pg_typeof",   "enum_first",
                                              "enum_last",        "enum_range",      "date",        "time",
                                              "timetz",           "timestamp",       "timestamptz", "text",
                                              "format_type",      "make_interval",   "record_out",  "regexp_replace",
                                              "string_agg",       "array_agg",       "date_in",     "timestamp_in",
                                              "timestamptz_in"};
    if (name == "age" && arguments == 1) // since today
        return false;
    return pinned.count(name) || name.starts_with("json") || (of_times && arguments > 0);
}

/// Words of a function's body that read the clock, the session or anything else.
bool is_session_word(const std::string &word) {
    static const std::set<std::string> words{
        "current_date", "current_time", "current_timestamp", "localtime",       "localtimestamp",
        "current_user", "session_user", "current_role",      "current_catalog", "current_schema",
        "user"};
    return words.count(word) > 0 || word.starts_with('\'');
}

std::vector<pg::oid> oids_in(const pg::result &found) {
    std::vector<pg::oid> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (found.at(i, 0))
            out.push_back(static_cast<pg::oid>(found.number(i, 0)));
    return out;
}

} // namespace

struct input_reader::function {
    std::string shown, name, schema, language, body, hash;
    char volatility = 'v', kind = 'f';
    bool of_times = false, parsed = false; ///< parsed: BEGIN ATOMIC, of which the server knows what it reads and calls
    int arguments = 0;
    std::string always; ///< why a query that calls it may change by itself
    // Of functions that are not the server's own: what the words of the body may mean.
    std::vector<pg::oid> calls, tables;
    bool is_builtin() const { return schema == "pg_catalog"; }
};

namespace {

/// Of nodes, where each is to be.
struct node_places {
    std::vector<std::string> names, schemas, relations;
    void add(const std::string &node, const std::string &schema, const std::string &relation) {
        names.push_back(node);
        schemas.push_back(schema);
        relations.push_back(relation);
    }
};

node_places places_of_seeds(const project::project &p) {
    node_places out;
    for (const project::seed &s : p.seeds)
        out.add(s.name, s.schema, s.relation());
    return out;
}

std::map<std::string, pg::oid> find(const node_places &of) {
    // From the catalogs: regclass fails where one of the schemas may not be used.
    auto found = pg::sql("SELECT x.node, c.oid FROM unnest($1::text[], $2::text[], $3::text[]) AS x(node, schema, "
                         "relation) JOIN pg_catalog.pg_namespace n ON n.nspname = x.schema JOIN pg_catalog.pg_class c "
                         "ON c.relnamespace = n.oid AND c.relname = x.relation",
                         {pg::array_literal(of.names), pg::array_literal(of.schemas), pg::array_literal(of.relations)});
    std::map<std::string, pg::oid> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (found.at(i, 1))
            out[found.text(i, 0)] = static_cast<pg::oid>(found.number(i, 1));
    return out;
}

} // namespace

std::map<std::string, pg::oid> find_nodes(const project::project &p) {
    node_places all = places_of_seeds(p);
    for (const project::model &m : p.models)
        if (!m.is(project::materialization::ephemeral))
            all.add(m.name, m.schema, m.relation());
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams)
            all.add(s.tap + "." + s.name, s.tap, s.name);
    return find(all);
}

std::map<std::string, pg::oid> find_seeds(const project::project &p) { return find(places_of_seeds(p)); }

const std::set<std::string> &input_reader::foreign_streams(const project::project &p) {
    if (foreign_)
        return *foreign_;
    foreign_.emplace();
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams)
            foreign_->insert(s.tap + "." + s.name);
    if (foreign_->empty())
        return *foreign_;
    const auto loaded =
        pg::as_extension([] { return pg::sql("SELECT DISTINCT tap || '.' || stream FROM barometre.bookmark"); });
    for (std::size_t i = 0; i < loaded.rows.size(); ++i)
        foreign_->erase(loaded.text(i, 0));
    return *foreign_;
}

void input_reader::learn(const std::vector<pg::oid> &oids) {
    std::vector<pg::oid> unknown;
    for (pg::oid oid : oids)
        if (!functions_.count(oid))
            unknown.push_back(oid);
    if (unknown.empty())
        return;
    for (pg::oid oid : unknown)
        functions_[oid] = std::make_shared<function>();
    auto found = pg::sql(
        "SELECT p.oid, p.proname, n.nspname, l.lanname, p.provolatile, p.pronargs, "
        "(SELECT coalesce(bool_and(t.typcategory IN ('D', 'T')), false) FROM unnest(p.proargtypes) AS a(oid) JOIN "
        "pg_catalog.pg_type t USING (oid)) AS of_times, "
        "coalesce(nullif(p.prosrc, ''), pg_catalog.pg_get_function_sqlbody(p.oid), '') || "
        "CASE WHEN p.pronargdefaults > 0 THEN ' ' || pg_catalog.pg_get_function_arguments(p.oid) ELSE '' END AS "
        "body, " +
            function_hash("p.oid") +
            " AS hash, p.prokind, p.prosqlbody IS NOT NULL AS parsed FROM pg_catalog.pg_proc p JOIN "
            "pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
            "JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.oid = ANY ($1::oid[])",
        {array_of(unknown)});
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        function &f = *functions_[static_cast<pg::oid>(found.number(i, "oid"))];
        f.shown = pg::routine_name(static_cast<pg::oid>(found.number(i, "oid")));
        f.name = found.text(i, "proname");
        f.schema = found.text(i, "nspname");
        f.language = found.text(i, "lanname");
        f.volatility = found.text(i, "provolatile").at(0);
        f.arguments = static_cast<int>(found.number(i, "pronargs"));
        f.of_times = found.yes(i, "of_times");
        f.body = found.text(i, "body");
        f.hash = found.text(i, "hash");
        f.kind = found.text(i, "prokind").at(0);
        f.parsed = found.yes(i, "parsed");
    }
    for (pg::oid oid : unknown)
        look_into(oid, *functions_[oid]);
}

/// Operators and casts that somebody made in SQL: they are called without their names.
const std::vector<input_reader::wordless> &input_reader::find_wordless() {
    if (wordless_)
        return *wordless_;
    wordless_.emplace();
    auto found =
        pg::sql("SELECT o.oprcode::oid AS function, o.oprname AS sign, NULL AS type FROM pg_catalog.pg_operator o "
                "WHERE o.oid >= 16384 UNION ALL "
                "SELECT c.castfunc, NULL, CASE WHEN c.castcontext <> 'i' THEN t.typname END FROM pg_catalog.pg_cast c "
                "JOIN pg_catalog.pg_type t ON t.oid = c.casttarget WHERE c.oid >= 16384 AND c.castfunc <> 0");
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        wordless_->push_back(
            {static_cast<pg::oid>(found.number(i, "function")), found.text(i, "sign"), found.text(i, "type")});
    return *wordless_;
}

/// Finds out what one function may depend on, by the words of its body.
void input_reader::look_into(pg::oid oid, function &f) {
    if (f.is_builtin()) {
        if (f.volatility != 'i' && !is_pinned(f.name, f.of_times, f.arguments))
            f.always = "it calls " + f.shown;
        return;
    }
    if (f.kind == 'a') { // an aggregate consists of functions
        f.calls = oids_in(pg::sql("SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, "
                                  "aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn])::oid "
                                  "FROM pg_catalog.pg_aggregate WHERE aggfnoid = $1::oid",
                                  {std::to_string(oid)}));
        std::erase(f.calls, pg::no_oid);
        return;
    }
    const bool declared = f.volatility == 'i'; // then its owner says that it reads nothing else
    if (f.language != "sql" && f.language != "plpgsql") {
        if (!declared)
            f.always = "it calls " + f.shown + ", whose language can't be analysed";
        return;
    }
    std::vector<std::string> words = sql::words(f.body);
    if (!declared) {
        for (const std::string &word : words)
            if (is_session_word(word) || (word == "execute" && f.language == "plpgsql"))
                f.always = "it calls " + f.shown + ", which uses " + (word[0] == '\'' ? word + "'" : word);
        if (sql::calls_with_one_argument(f.body, "age"))
            f.always = "it calls " + f.shown + ", which uses age()";
    }
    for (std::string &word : words)
        if (word[0] == '"')
            word.erase(0, 1);
    // The server's own count when none of the name depends on its arguments alone.
    f.calls = oids_in(pg::sql("SELECT p.oid FROM pg_catalog.pg_proc p WHERE p.proname = ANY ($1::text[]) AND p.oid <> "
                              "$2::oid AND (p.pronamespace <> 'pg_catalog'::regnamespace "
                              "OR $3::bool AND p.provolatile <> 'i' AND p.proname <> 'age' AND NOT EXISTS (SELECT FROM "
                              "pg_catalog.pg_proc o WHERE o.proname = p.proname "
                              "AND o.pronamespace = p.pronamespace AND o.provolatile = 'i'))",
                              {pg::array_literal(words), std::to_string(oid), declared ? "f" : "t"}));
    for (const wordless &w : find_wordless())
        if (w.function != oid && (!w.sign.empty() ? f.body.find(w.sign) != std::string::npos
                                                  : w.type.empty() || text::contains(words, w.type)))
            f.calls.push_back(w.function);
    if (f.parsed)
        f.tables = oids_in(pg::sql("SELECT DISTINCT refobjid FROM pg_catalog.pg_depend WHERE classid = "
                                   "'pg_catalog.pg_proc'::regclass AND objid = $1::oid "
                                   "AND refclassid = 'pg_catalog.pg_class'::regclass",
                                   {std::to_string(oid)}));
    else if (!declared)
        f.tables =
            oids_in(pg::sql("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY ($1::text[]) AND c.relkind "
                            "IN ('r', 'v', 'm', 'f', 'p') "
                            "AND c.relnamespace NOT IN ('barometre'::regnamespace, 'barometre_internal'::regnamespace)",
                            {pg::array_literal(words)}));
}

model_inputs input_reader::read(const project::model &m, const pg::analyzed_query &query, bool reads_clock,
                                const node_oids &made, const node_oids &published) {
    model_inputs out;
    std::string always = reads_clock ? "its SQL has a word for the current time" : "";
    auto also = [&](const std::string &why) {
        if (always.empty())
            always = why;
    };
    auto node_of = [&](pg::oid oid) -> const std::string * {
        for (const node_oids *where : {&made, &published})
            if (auto found = where->find(oid); found != where->end())
                return &found->second;
        return nullptr;
    };
    // By the names of their words functions are taken to read tables; the private ones of a run are none of theirs.
    std::set<pg::oid> functions, relations, views;
    std::vector<pg::oid> open;
    auto take = [&](const pg::analyzed_query &q, const std::string &through) {
        if (!q.always_changes.empty())
            also("it uses " + q.always_changes);
        for (pg::oid f : q.functions)
            if (functions.insert(f).second)
                open.push_back(f);
        views.insert(q.views.begin(), q.views.end());
        for (const pg::relation_read &r : q.relations) {
            relations.insert(r.relation);
            if (auto node = published.find(r.relation);
                node != published.end() && (r.through != pg::no_oid || !through.empty()))
                if (!made.count(r.through))
                    out.published[node->second] = !through.empty() ? through : "view " + pg::name_of(r.through);
        }
    };
    take(query, "");
    while (!open.empty()) {
        learn(open);
        std::vector<pg::oid> now;
        now.swap(open);
        for (pg::oid oid : now) {
            const function &f = *functions_.at(oid);
            also(f.always);
            if (!f.is_builtin())
                out.all.push_back({"function", oid, f.shown, f.hash});
            for (pg::oid called : f.calls)
                if (functions.insert(called).second)
                    open.push_back(called);
            for (pg::oid table : f.tables) {
                if (made.count(table))
                    continue;
                if (auto node = published.find(table); node != published.end()) {
                    if (node->second == m.name) // a word that happens to be the model's name
                        continue;
                    out.published[node->second] = "function " + f.shown;
                }
                take(pg::analyze_query("SELECT * FROM " + pg::name_of(table)), "function " + f.shown);
            }
        }
    }
    for (pg::oid view : views) {
        if (const std::string *node = node_of(view)) // stamped when it is published
            out.all.push_back({"relation", pg::no_oid, *node, ""});
        else
            out.all.push_back({"view", view, pg::name_of(view),
                               pg::sql("SELECT " + view_hash("$1::oid"), {std::to_string(view)}).text(0, 0)});
    }
    for (pg::oid relation : relations) {
        if (const std::string *node = node_of(relation)) {
            out.all.push_back({"relation", pg::no_oid, *node, ""});
            continue;
        }
        // Somebody else's: its partitions or children may be written by themselves.
        auto members =
            pg::sql("WITH RECURSIVE member AS (SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM "
                    "pg_catalog.pg_inherits i JOIN member m ON m.oid = i.inhparent) "
                    "SELECT m.oid, (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN "
                    "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = m.oid) AS name, " +
                        registry::stamped_by_trigger("m.oid") + " AS stamped FROM member m",
                    {std::to_string(relation)});
        for (std::size_t i = 0; i < members.rows.size(); ++i) {
            if (!members.yes(i, "stamped")) {
                also("it reads " + members.text(i, "name") + ", which others write");
                break;
            }
            out.all.push_back({"stamped", static_cast<pg::oid>(members.number(i, "oid")), members.text(i, "name"), ""});
        }
    }
    out.always = m.is_volatile ? (*m.is_volatile ? "it is declared volatile" : "") : always;
    return out;
}

} // namespace barometre::model
