#include "model/transform.h"
#include "core/name/column_name.h"
#include "core/project/dependencies.h"
#include "core/template/render.h"
#include "model/publish.h"
#include "model/seed.h"
#include "pg/identity.h"
#include "pg/relations.h"

namespace barometre::model {

namespace {

std::pair<std::string, std::string> schema_and_name(const project::project &p, const std::string &node) {
    if (const project::model *m = p.find_model(node))
        return {m->schema, m->name};
    if (p.find_seed(node))
        return {p.schema, node};
    std::size_t dot = node.find('.');
    return {node.substr(0, dot), node.substr(dot + 1)};
}

/// The command that makes a missing input.
std::string cure(const project::project &p, const std::string &node) {
    if (p.find_model(node))
        return "CALL baro_transform('+" + node + "');";
    if (p.find_seed(node))
        return "Put " + node + ".csv into seeds/ of the project or below barometre.data_directory, then: CALL baro_transform();";
    return "SELECT * FROM baro_run('" + node.substr(0, node.find('.')) + "'); CALL baro_transform();";
}

std::string kind_of(const project::project &p, const std::string &node) {
    return p.find_model(node) ? "model" : p.find_seed(node) ? "seed" : "stream";
}

/// Which line of `statement` a character position (from 1) is in.
int line_at(const std::string &statement, int position) {
    int line = 1;
    for (char c : statement) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && --position <= 0)
            break;
        line += c == '\n';
    }
    return line;
}

/// Says which model an error of the server's came from. `lead`: lines of the
/// statement before the model's own.
[[noreturn]] void rethrow_for(error e, const std::string &what, const std::string &file, const std::string &statement, int lead) {
    std::string where = what + " (" + file;
    if (e.query == statement && e.query_position > 0)
        where += ", line " + std::to_string(line_at(statement, e.query_position) - lead);
    e.message = where + "): " + e.message;
    e.query.clear(); // the file and line say it
    e.query_position = 0;
    throw e;
}

void build_view(const project::model &m, const std::string &select) {
    const char kind = pg::relation_kind(m.schema, m.name);
    const std::string statement = "CREATE OR REPLACE VIEW " + pg::qualified(m.schema, m.name) + " AS\n" + select + "\n";
    if (kind != 0 && kind != 'v')
        drop_relation(m.schema, m.name, kind);
    try {
        try {
            pg::in_subtransaction([&] { pg::sql(statement); });
        } catch (const error &e) {
            if (kind != 'v' || e.sqlstate != "42P16") // columns were renamed, retyped or removed
                throw;
            drop_relation(m.schema, m.name, 'v');
            pg::sql(statement);
        }
    } catch (const error &e) {
        rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1);
    }
}

void build_table(const project::project &p, const project::model &m, const std::string &select, step &done) {
    const bool is_new = pg::relation_kind(m.schema, m.name) == 0;
    const std::string built = is_new ? m.name : "_baro_build_" + std::to_string(GetTopTransactionId());
    const std::string statement =
        std::string("CREATE ") + (is_new ? "" : "UNLOGGED ") + "TABLE " + pg::qualified(m.schema, built) + " AS\n" + select + "\n";
    try {
        done.records = done.inserted = static_cast<std::int64_t>(pg::sql(statement).processed);
    } catch (const error &e) {
        rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1);
    }
    if (is_new)
        return;
    // Views of the project stand in the way of changed columns: they go, and come back as the project has them now.
    std::vector<const project::model *> views;
    if (pg::columns_of(m.schema, m.name) != pg::columns_of(m.schema, built)) {
        const graph nodes = dependencies(p);
        const auto below = nodes.descendants(m.name);
        for (const std::string &name : nodes.order())
            if (const project::model *v = p.find_model(name); v && below.count(name) && pg::relation_kind(v->schema, name) == 'v')
                views.push_back(v);
    }
    for (auto v = views.rbegin(); v != views.rend(); ++v)
        drop_relation((*v)->schema, (*v)->name, 'v');
    publish_table(m.schema, m.name, built, done);
    for (const project::model *v : views) {
        build_view(*v, compile(p, v->source, v->file));
        describe_table(v->schema, v->name, 'v', v->description, v->columns);
    }
}

void build(const project::project &p, const project::model &m, step &done) {
    stopwatch watch;
    const std::string select = compile(p, m.source, m.file);
    pg::ensure_schema(m.schema);
    const bool view = m.materialized == project::materialization::view;
    if (view)
        build_view(m, select);
    else
        build_table(p, m, select, done);
    describe_table(m.schema, m.name, view ? 'v' : 'r', m.description, m.columns);
    if (!view)
        pg::script("ANALYZE " + pg::qualified(m.schema, m.name));
    done.seconds = watch.seconds();
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.model SET rows = $2::bigint, built = clock_timestamp() WHERE name = $1",
                {m.name, view ? pg::value() : pg::value(std::to_string(done.records))});
    });
}

std::string told(const project::model &m, const step &s) {
    if (m.materialized == project::materialization::view)
        return "view " + m.name + ": built";
    return "model " + m.name + ": built, " + format_count(s.records) + " rows (" + format_count(s.inserted) + " added, " +
           format_count(s.deleted) + " removed), " + format_seconds(s.seconds) + " s";
}

} // namespace

std::string relation_of(const project::project &p, const std::string &node) {
    auto [schema, name] = schema_and_name(p, node);
    return pg::qualified(schema, name);
}

bool node_exists(const project::project &p, const std::string &node) {
    auto [schema, name] = schema_and_name(p, node);
    return pg::relation_exists(schema, name);
}

std::string compile(const project::project &p, const std::string &source, const std::string &file) {
    templating::callbacks calls;
    calls.ref = [&](const std::string &name) { return relation_of(p, name); };
    calls.source = [&](const std::string &tap, const std::string &stream) { return pg::qualified(tap, stream); };
    calls.config = [](const auto &) {};
    return templating::render(source, file, calls);
}

void make_functions(const project::project &p, bool always) {
    if (p.functions.empty())
        return;
    bool made = pg::as_extension(
        [] { return pg::sql("SELECT FROM barometre.project WHERE functions_made").processed > 0; });
    if (made && !always)
        return;
    pg::pinned_settings settings("public, pg_temp", p.timezone);
    for (const project::function_file &f : p.functions) {
        try {
            pg::script(f.source);
        } catch (const error &e) {
            rethrow_for(e, "functions", f.file, f.source, 0);
        }
    }
    pg::as_extension([] { pg::sql("UPDATE barometre.project SET functions_made = true"); });
}

void transform(const project::project &p, const transform_options &options, run &memory) {
    const graph nodes = dependencies(p);
    std::set<std::string> selected = select_nodes(nodes, options.selection);
    if (!options.exclude.empty())
        for (const std::string &name : select_nodes(nodes, options.exclude))
            selected.erase(name);

    pg::lock_name("transform", p.name);
    make_functions(p, options.full_refresh);

    std::set<std::string> seeds; // the selected ones, and those that selected models read
    for (const std::string &name : selected) {
        if (p.find_seed(name))
            seeds.insert(name);
        for (const std::string &parent : nodes.parents(name))
            if (p.find_seed(parent))
                seeds.insert(parent);
    }
    if (options.full_refresh && !seeds.empty())
        pg::as_extension([&] {
            pg::sql("UPDATE barometre.seed SET hash = NULL WHERE name = ANY ($1::text[])",
                    {pg::array_literal({seeds.begin(), seeds.end()})});
        });
    for (const std::string &name : seeds) {
        step done;
        if (load_seed(p, *p.find_seed(name), done) == seed_state::loaded)
            pg::notice("seed " + name + ": loaded, " + format_count(done.records) + " rows");
        memory.add(done);
    }

    std::set<std::string> left_out; // models that were skipped or failed
    std::int64_t built = 0, failed = 0;
    for (const std::string &name : nodes.order()) {
        const project::model *m = p.find_model(name);
        if (!m || !selected.count(name))
            continue;
        pg::check_interrupts();
        step done;
        done.kind = "model";
        done.name = name;
        std::string missing;
        bool behind_failure = false;
        for (const std::string &input : nodes.parents(name)) {
            if (left_out.count(input) || !node_exists(p, input)) {
                missing = input;
                behind_failure = left_out.count(input) && options.skip_failures && failed > 0;
                break;
            }
        }
        if (!missing.empty()) {
            const std::string why = kind_of(p, missing) + " \"" + missing + "\"" +
                                    (left_out.count(missing)           ? " was not built"
                                     : kind_of(p, missing) == "stream" ? " was never loaded"
                                     : kind_of(p, missing) == "seed"   ? " has no file"
                                                                       : " was never built");
            if (node_exists(p, name) && !behind_failure)
                throw error(sqlstate::not_ready, "model \"" + name + "\" can't be built again: " + why,
                            "It was published before, from inputs that are now missing.", cure(p, missing));
            pg::warning("model \"" + name + "\" is skipped: " + why, left_out.count(missing) ? "" : cure(p, missing));
            done.status = "skipped";
            done.why = why;
            left_out.insert(name);
            memory.add(done);
            continue;
        }
        try {
            if (options.skip_failures)
                pg::in_subtransaction([&] { build(p, *m, done); });
            else
                build(p, *m, done);
            ++built;
            pg::notice(told(*m, done));
        } catch (const error &e) {
            done.status = "failed";
            done.sqlstate = e.sqlstate;
            done.message = e.message;
            memory.add(done);
            if (!options.skip_failures || e.sqlstate == "57014")
                throw;
            ++failed;
            left_out.insert(name);
            pg::warning(e.message, e.hint, e.detail);
            continue;
        }
        memory.add(done);
    }
    pg::notice("transform: " + std::to_string(built) + " models built, " +
               std::to_string(static_cast<std::int64_t>(left_out.size()) - failed) + " skipped, " + std::to_string(failed) + " failed");
}

} // namespace barometre::model
