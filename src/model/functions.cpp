#include "model/functions.h"
#include "core/project/templates.h"
#include "core/text/hash.h"
#include "model/state.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "pg/statements.h"
#include "registry/compile.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace barometre::model {

namespace {

/// A text of SQL with its templates rendered, and where it is from.
struct script {
    std::string what, file, sql;
    std::vector<int> lines;
    registry::sayings said{}; ///< by its template, which is all of some of them
};

bool is_blank(const std::string &text) { return text.find_first_not_of(" \t\r\n;") == std::string::npos; }

std::vector<script> functions_of(const project::project &p) {
    std::vector<script> out;
    for (const project::function_file &f : p.functions) {
        script one{"functions", f.file, f.source, {}};
        if (f.source.find('{') != std::string::npos) {
            jinja::callbacks calls = registry::server_context(p, f.file, nullptr);
            registry::listen(calls, one.said);
            jinja::rendered made = jinja::render_lines(f.source, f.file, calls);
            one.sql = std::move(made.text);
            one.lines = std::move(made.lines);
        }
        out.push_back(std::move(one));
    }
    return out;
}

/// Of each part of on-run-start what `take` chooses, unless that is blank.
template <class Take> std::vector<script> starts_of(const project::project &p, Take &&take) {
    std::vector<script> out;
    for (const project::hook &h : p.on_run_start) {
        registry::sayings said;
        jinja::callbacks calls = registry::server_context(p, h.at.file, nullptr);
        registry::listen(calls, said);
        jinja::rendered made = jinja::render_lines(h.source, h.at.file, calls, std::max(h.at.line, 1));
        if (is_blank(made.text) && said.empty())
            continue;
        try {
            std::string sql = is_blank(made.text) ? "" : take(made.text);
            if (!is_blank(sql) || !said.empty())
                out.push_back({"on-run-start", h.at.file, std::move(sql), std::move(made.lines), std::move(said)});
        } catch (const error &e) {
            registry::rethrow_for(e, "on-run-start", h.at.file, made.text, 0, made.lines);
        }
    }
    return out;
}

std::vector<script> definitions_in(const project::project &p) {
    std::vector<script> out =
        starts_of(p, [](const std::string &sql) { return pg::split_statements(sql).definitions; });
    std::erase_if(out, [](const script &one) { return is_blank(one.sql); });
    for (script &one : out) // the statements beside them say it
        one.said.clear();
    return out;
}

std::vector<script> statements_in(const project::project &p) {
    return starts_of(p, [](const std::string &sql) { return pg::split_statements(sql).others; });
}

std::vector<script> all_of(std::vector<script> first, std::vector<script> second) {
    first.insert(first.end(), std::make_move_iterator(second.begin()), std::make_move_iterator(second.end()));
    return first;
}

std::string hash_of(const project::project &p, const std::vector<script> &all) {
    const std::string sep(1, '\0');
    std::string text;
    for (const script &one : all)
        text += one.file + sep + one.sql + sep;
    if (p.date_order != value::date_order::none)
        text += value::date_style(p.date_order);
    return text::hash(text);
}

void run(const std::vector<script> &all) {
    for (const script &one : all)
        try {
            registry::speak(one.said);
            if (!is_blank(one.sql))
                pg::project_script(one.sql);
        } catch (const error &e) {
            registry::rethrow_for(e, one.what, one.file, one.sql, 0, one.lines);
        }
}

bool is_made(const std::string &hash) {
    return pg::as_extension([&] {
        return pg::sql("SELECT FROM barometre_internal.build WHERE kind = 'functions' AND query = $1 AND NOT EXISTS "
                       "(SELECT FROM barometre_internal.build_input i "
                       "WHERE i.model = '' AND NOT EXISTS (SELECT FROM pg_proc f WHERE f.oid = i.object))",
                       {hash})
                   .processed > 0;
    });
}

} // namespace

bool functions_changed(const project::project &p) {
    if (p.blocks_all)
        return false;
    const std::vector<script> all = all_of(functions_of(p), definitions_in(p));
    return !all.empty() && !is_made(hash_of(p, all));
}

bool must_make_functions(const project::project &p, bool full_refresh) {
    return functions_changed(p) || (full_refresh && !(p.functions.empty() && definitions_in(p).empty()));
}

void make_functions(const project::project &p, bool whole) {
    const std::vector<script> functions = functions_of(p), definitions = definitions_in(p);
    pg::pinned_settings settings("public, pg_temp", p.timezone, value::date_style(p.date_order));
    // What they make is known by what is new or written anew.
    const char *const listing =
        "SELECT oid, xmin::text || ctid::text FROM pg_catalog.pg_proc WHERE pronamespace <> 'pg_catalog'::regnamespace";
    std::set<std::string> before;
    for (const pg::row &r : pg::sql(listing).rows)
        before.insert(*r[0] + *r[1]);
    run(functions);
    run(whole ? starts_of(p, [](const std::string &sql) { return pg::split_statements(sql), sql; }) : definitions);
    std::vector<input> made;
    for (const pg::row &r : pg::sql(listing).rows)
        if (!before.count(*r[0] + *r[1]))
            made.push_back({"function", static_cast<pg::oid>(std::stoul(*r[0])), "", ""});
    build_record record;
    record.query = hash_of(p, all_of(functions, definitions));
    write_builds({{"functions", "", &record, &made}}, pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0));
}

bool has_start_statements(const project::project &p) { return !statements_in(p).empty(); }

void run_start_statements(const project::project &p) {
    const pg::kept_settings settings;
    run(statements_in(p));
    settings.restore();
}

} // namespace barometre::model
