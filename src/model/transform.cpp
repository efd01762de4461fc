#include "model/transform.h"
#include "core/graph/selection.h"
#include "core/project/dependencies.h"
#include "core/text/text.h"
#include "model/functions.h"
#include "model/hooks.h"
#include "model/publish.h"
#include "model/seed.h"
#include "pg/cancels.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>

namespace barometre::model {

namespace {

std::string told(const candidate &c) {
    if (c.kind == 'v')
        return "view " + c.node + ": built";
    std::string rows = text::format_count(c.done.inserted) + " added, " + text::format_count(c.done.deleted) + " removed, " + text::format_count(c.done.unchanged) + " unchanged";
    if (c.model && c.model->is_snapshot() && c.is_delta)
        rows = "versions: " + text::format_count(c.done.inserted - c.done.deleted) + " began, " + text::format_count(c.done.deleted) + " ended";
    if (c.columns.any()) // then rows are compared when the table has its new columns
        rows = (c.is_delta ? rows + "; " : "") + "columns: " + c.columns.text();
    const bool increment = c.is_delta && !c.model->is_snapshot();
    return c.done.kind + " " + c.node + (increment ? ": built incrementally, " : ": built, ") + text::format_count(c.done.records) + " rows (" + rows + "), " +
           text::format_seconds(c.done.seconds) + " s";
}

} // namespace

transformation::transformation(const project::project &p, const transform_options &options)
    : p_(p), options_(options), all_(project::dependencies(p)), nodes_(registry::built_dependencies(p, all_)), shop_(p_, nodes_) {
    if (in_hook()) // it would build what is being built
        throw error("55000", "a hook can't call baro_transform()", "", "Let the models depend on each other by ref(); one call builds them in order.");
    selected_ = graph::select_nodes(all_, project::traits_of(p), options.selection, options.exclude);
    for (const std::string &name : selected_) {
        if (p.find_seed(name))
            seeds_.insert(name);
        const project::model *m = p.find_model(name);
        if (!m || m->is(project::materialization::ephemeral))
            continue;
        ++total_;
        locks_.emplace_back("model", name);
        for (const std::string &parent : nodes_.parents(name)) // seeds are loaded for those who read them
            if (p.find_seed(parent))
                seeds_.insert(parent);
    }
    const build_records builds = read_builds();
    for (auto seed = seeds_.begin(); seed != seeds_.end();) {
        const auto file = find_seed_file(*p.find_seed(*seed));
        const auto known = builds.find({"seed", *seed});
        // Only what will be loaded is locked: other calls may need the same seed.
        if (file && (options.full_refresh || known == builds.end() || known->second.query != file->hash || !registry::node_exists(p, *seed))) {
            locks_.emplace_back("seed", *seed);
            ++total_;
            ++seed;
        } else {
            seed = seeds_.erase(seed);
        }
    }
    if (functions_changed(p) || (options.full_refresh && !p.functions.empty()))
        locks_.emplace_back("functions of project", p.name);
    std::sort(locks_.begin(), locks_.end());
}

void transformation::lock() const {
    for (const auto &[kind, name] : locks_)
        pg::lock_name(kind, name);
}

bool transformation::is_there(const std::string &node) const {
    return !left_out_.count(node) && (shop_.has(node) || registry::node_exists(p_, node));
}

void transformation::show_progress(const std::string &what) {
    pg::show_progress("baro_transform", at_, total_, what);
    pg::check_interrupts();
}

void transformation::load_seeds() {
    for (const std::string &name : seeds_) {
        const project::seed &seed = *p_.find_seed(name);
        ++at_;
        show_progress(name);
        const auto file = find_seed_file(seed);
        const auto known = builds_.find({"seed", name});
        if (!file || (!options_.full_refresh && known != builds_.end() && known->second.query == file->hash && there_.count(name)))
            continue; // another call was faster
        candidate c;
        const std::size_t mark = shop_.mark();
        try {
            auto work = [&] { c = build_seed(p_, seed, *file, shop_); };
            if (options_.skip_failures)
                pg::in_subtransaction(work);
            else
                work();
        } catch (const error &e) {
            shop_.undone(mark);
            if (!options_.skip_failures || e.sqlstate.starts_with("57"))
                throw;
            note_failure("seed", name, "", e);
            continue;
        }
        c.done.why = known == builds_.end() ? "it was never loaded" : options_.full_refresh ? "full refresh" : "its file changed";
        if (known != builds_.end())
            c.record.has = known->second.has;
        if (c.changes())
            changed_.insert(name);
        else
            shop_.give_back(name);
        pg::notice(told(c));
        candidates_.push_back(std::move(c));
    }
}

std::string transformation::reason_to_build(const project::model &m) {
    const staleness own = judge(p_, m, builds_, there_);
    if (!own.reason.empty())
        return own.reason;
    if (m.is(project::materialization::view)) { // it shows what its inputs hold
        const std::string sql = shop_.resolve(shop_.compile(m).sql);
        if (!changed_.empty() && !fits_columns(m, sql))
            return "the columns of what it reads changed";
        return options_.full_refresh ? "full refresh" : "";
    }
    // Through views of the project, but not through tables: those are built themselves.
    std::set<std::string> open = nodes_.parents(m.name), seen;
    while (!open.empty() && !changed_.empty()) {
        const std::string input = *open.begin();
        open.erase(open.begin());
        if (changed_.count(input))
            return input + " changed";
        const project::model *v = p_.find_model(input);
        if (v && v->is(project::materialization::view) && seen.insert(input).second)
            open.insert(nodes_.parents(input).begin(), nodes_.parents(input).end());
    }
    return options_.full_refresh ? "full refresh" : "";
}

void transformation::build_model(const project::model &m, const std::string &reason) {
    const std::size_t mark = shop_.mark();
    try {
        candidate c;
        if (options_.skip_failures)
            pg::in_subtransaction([&] { c = build(m); });
        else
            c = build(m);
        c.done.why = reason;
        if (c.changes())
            changed_.insert(m.name);
        pg::notice(told(c));
        candidates_.push_back(std::move(c));
    } catch (const error &e) {
        shop_.undone(mark);
        note_failure(m.kind(), m.name, reason, e);
        if (!options_.skip_failures || e.sqlstate.starts_with("57"))
            throw;
    }
}

void transformation::note_failure(const std::string &kind, const std::string &name, const std::string &reason, const error &e) {
    run::step done;
    done.kind = kind;
    done.name = name;
    done.status = "failed";
    done.why = reason;
    done.sqlstate = e.sqlstate;
    done.message = e.message;
    steps_.push_back(done);
    if (!options_.skip_failures || e.sqlstate.starts_with("57"))
        return;
    failed_.insert(name);
    left_out_[name] = "failed";
    pg::warning(e.message, e.hint, e.detail);
}

/// Whether a model that need not be built has now what the project gives it beside its rows.
bool transformation::keep_attributes(const project::model &m, const build_record &known) {
    const attributes wanted = attributes_of(m);
    if (known.has == wanted)
        return true;
    auto apply = [&] {
        apply_attributes(m, published_kind(m), known.has);
        write_attributes("model", m.name, wanted);
    };
    try {
        if (options_.skip_failures)
            pg::in_subtransaction(apply);
        else
            apply();
        return true;
    } catch (const error &e) {
        note_failure(m.kind(), m.name, "its indexes, grants or descriptions changed", e);
        if (!options_.skip_failures || e.sqlstate.starts_with("57"))
            throw;
        return false;
    }
}

void transformation::build_models() {
    for (const std::string &name : nodes_.order()) {
        const project::model *m = p_.find_model(name);
        if (!m || !selected_.count(name))
            continue;
        ++at_;
        show_progress(name);
        run::step done;
        done.kind = m->kind();
        done.name = name;
        if (auto missing = missing_input(p_, nodes_, name, [&](const std::string &node) { return is_there(node); })) {
            const auto &[input, reason] = *missing;
            const bool behind = left_out_.count(input) > 0;
            const std::string why = behind ? registry::kind_of(p_, input) + " \"" + input + "\" was not built" : reason;
            if (!behind && there_.count(name))
                throw error(sqlstate::not_ready, m->kind() + " \"" + name + "\" can't be built again: " + why,
                            "It was published before, from inputs that are now missing.", cure(p_, input));
            pg::warning(m->kind() + " \"" + name + "\" is skipped: " + why, behind ? "" : cure(p_, input));
            done.status = "skipped";
            done.why = why;
            left_out_[name] = why;
            steps_.push_back(done);
            continue;
        }
        const std::string reason = reason_to_build(*m);
        if (!reason.empty()) {
            build_model(*m, reason);
            continue;
        }
        const build_record &known = builds_.at({"model", name});
        if (!keep_attributes(*m, known))
            continue;
        ++unchanged_;
        done.status = "unchanged";
        done.records = done.unchanged = std::max<std::int64_t>(known.rows, 0);
        steps_.push_back(done);
        pg::notice((m->is(project::materialization::view) ? "view" : m->kind()) + " " + name + ": unchanged");
    }
}

/// The steps in the order of the graph, tests last.
void transformation::keep_steps(run::record &memory) const {
    std::vector<run::step> all = steps_;
    for (const candidate &c : candidates_)
        all.push_back(c.done);
    for (const std::string &node : nodes_.order())
        for (const run::step &s : all)
            if (s.name == node && s.kind != "test")
                memory.add(s);
    for (const run::step &s : all)
        if (s.kind == "test")
            memory.add(s);
}

void transformation::run(run::record &memory) {
    snapshot_ = pg::sql("SELECT pg_catalog.pg_current_snapshot()").text(0, 0);
    if (functions_changed(p_) || (options_.full_refresh && !p_.functions.empty()))
        make_functions(p_);
    builds_ = read_builds();
    there_ = find_nodes(p_);
    try {
        load_seeds();
        build_models();
        audit(memory);
        tell_old_versions();
        publish_all();
    } catch (...) {
        keep_steps(memory);
        throw;
    }
    keep_steps(memory);
    std::int64_t rows_added = 0, rows_removed = 0, built = 0;
    for (const candidate &c : candidates_)
        if (!left_out_.count(c.node) && c.model) {
            ++built;
            rows_added += c.done.inserted;
            rows_removed += c.done.deleted;
        }
    const auto failed = static_cast<std::size_t>(std::count_if(left_out_.begin(), left_out_.end(), [&](const auto &l) { return failed_.count(l.first) > 0; }));
    pg::notice("transform: " + std::to_string(built) + " models built, " + std::to_string(unchanged_) + " unchanged, " +
               std::to_string(left_out_.size() - failed) + " skipped, " + std::to_string(failed) + " failed; " +
               text::format_count(rows_added) + " rows added, " + text::format_count(rows_removed) + " removed; " + std::to_string(tests_) + " tests");
}

} // namespace barometre::model
