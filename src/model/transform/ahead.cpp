#include "model/transform/ahead.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "model/transform/incremental.h"
#include "pg/distribution.h"
#include "pg/parallel_rows.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "pg/settings.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace barometre::model::transform {

namespace {

/// Each has a queue of 64 kB in shared memory, and a table that waits.
constexpr std::size_t most_at_once = 32;
/// So many models for which it is not worth it may be looked at in the turn of one: each is compiled once more than it
/// would be.
constexpr int most_in_vain = 32;

/// Event triggers see each CREATE TABLE, and the name; so does what makes tables in another way than heap.
bool tables_are_watched() {
    return pg::setting("default_table_access_method") != "heap" ||
           pg::sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' AND evtevent LIKE "
                   "'ddl%')")
               .yes(0, 0);
}

/// What may be swapped has a private table of its own kind.
bool may_be_ahead(const relation::candidate &c) {
    return makes_table_of_query(c) && c.published.elsewhere.empty() &&
           (c.published.kind == 0 || c.model->published_by() == project::publish_way::difference);
}

/// As the server's, which must have some left.
bool has_workers() { return pg::setting("max_parallel_workers") != "0" && pg::setting("max_worker_processes") != "0"; }

} // namespace

rows_ahead::rows_ahead(work &w, const built &b, std::function<bool(const project::model &)> is_due)
    : w_(w), b_(b), is_due_(std::move(is_due)), may_(pg::threads() > 1 && w.what.models.size() > 1) {}

std::optional<computed> rows_ahead::of(const relation::candidate &c, const std::string &sql) {
    if (!may_ || !may_be_ahead(c))
        return std::nullopt;
    const stopwatch watch;
    if (!made_.count(c.node)) {
        if (left_.count(c.node))
            return std::nullopt;
        double work = 0;
        try {
            pg::in_subtransaction([&] { work = pg::work_for_a_worker(sql); });
        } catch (const error &e) { // of the planner, which says it again
            if (e.is_intervention())
                throw;
        }
        if (work == 0)
            return std::nullopt;
        if (order_.empty()) { // the first one
            order_ = w_.what.nodes.order();
            may_ = has_workers() && !pg::has_citus() && !tables_are_watched();
            if (!may_)
                return std::nullopt;
        }
        std::vector<planned> wave{{c, sql, work}};
        add_others(wave);
        if (wave.size() < 2 || !compute(wave))
            return std::nullopt;
        made_.at(c.node).rows.seconds -= watch.seconds(); // for which it has waited
    }
    waiting &mine = made_.at(c.node);
    if (mine.sql != sql || mine.create != creation_of(c, mine.rows.table))
        return std::nullopt;
    mine.is_taken = true;
    return mine.rows;
}

/// What there is to do for a model; nothing: it is better computed in its turn.
std::optional<rows_ahead::planned> rows_ahead::plan(const project::model &m) {
    std::optional<planned> out;
    const std::size_t mark = w_.shop.mark();
    try {
        pg::in_subtransaction([&] {
            if ((!m.is(project::materialization::table) && !m.is(project::materialization::incremental)) || !is_due_(m))
                return;
            planned one{candidate_of(b_, m), ""};
            one.c.is_delta = builds_delta(m, one.c.published.kind, w_.how.full_refresh);
            if (!may_be_ahead(one.c))
                return;
            check_reading(w_.p, w_.what.nodes, m);
            one.sql = w_.shop.resolve(w_.shop.compile(m).sql);
            if (one.c.by_difference())
                one.sql = workshop::in_order(one.sql, pg::analyze_query(one.sql).columns,
                                             pg::columns_of(m.schema, one.c.name), false);
            one.work = pg::work_for_a_worker(one.sql);
            if (one.work > 0)
                out = std::move(one);
        });
    } catch (const error &e) {
        w_.shop.undone(mark);
        if (e.is_intervention())
            throw;
        out.reset();
    }
    return out;
}

/// Adds what can be computed beside the first one. What comes after a hook may read what that writes.
void rows_ahead::add_others(std::vector<planned> &wave) {
    const std::string first = wave.front().c.node;
    std::set<std::string> unready; // what is yet to be built, and what reads it, however far
    int in_vain = 0;
    for (const std::string &name : order_) {
        const auto &inputs = w_.what.nodes.parents(name);
        const bool is_ready =
            std::none_of(inputs.begin(), inputs.end(), [&](const std::string &i) { return unready.count(i) > 0; });
        const bool is_ours = w_.what.models.count(name) && !over_.count(name);
        if (is_ours || !is_ready)
            unready.insert(name);
        if (!is_ours || name == first)
            continue;
        const project::model &m = *w_.p.find_model(name);
        if (!m.pre_hooks.empty() || wave.size() == most_at_once || in_vain == most_in_vain)
            return;
        if (!is_ready || made_.count(name) || left_.count(name))
            continue;
        if (auto one = plan(m)) {
            wave.push_back(std::move(*one));
        } else {
            left_.insert(name);
            ++in_vain;
        }
    }
}

/// Fills a private table for each. False: it could not be done in that way, and nothing was.
bool rows_ahead::compute(std::vector<planned> &wave) {
    struct no_worker {};
    const std::string first = wave.front().c.node;
    w_.show_progress(first + " +" + std::to_string(wave.size() - 1));
    std::stable_sort(wave.begin(), wave.end(), [](const planned &a, const planned &b) { return a.work > b.work; });
    std::vector<pg::rows_to_make> rows;
    bool done = false;
    try {
        pg::in_subtransaction([&] {
            for (planned &one : wave) {
                claim_place(*one.c.model);
                one.table = w_.shop.new_name();
                pg::project_script(creation_of(one.c, one.table) + one.sql + "\nWITH NO DATA");
                rows.push_back({one.sql, pg::oid_of(pg::qualified(one.c.schema, one.table))});
            }
            if (!pg::fill_at_once(rows, pg::threads()))
                throw no_worker();
        });
        done = true;
    } catch (const no_worker &) {
        may_ = false;
    } catch (const error &e) {
        std::vector<std::string> models;
        for (const planned &one : wave)
            models.push_back(one.c.node);
        if (e.sqlstate == "57P01") // it would have ended this session, too
            throw error(e.sqlstate, "a parallel worker that computed models was ended",
                        "It was at one of these: " + text::join(models, ", ") + ".",
                        "Run again. After SET barometre.threads = 1 no worker is needed.");
        if (e.is_intervention())
            throw;
        left_.insert(models.begin(), models.end());
    }
    w_.show_progress(first);
    if (done)
        for (std::size_t i = 0; i < wave.size(); ++i) {
            const planned &one = wave[i];
            made_[one.c.node] = {
                one.sql, creation_of(one.c, one.table), {one.table, rows[i].rows, rows[i].seconds}, first};
        }
    return done;
}

std::vector<std::string> rows_ahead::waiting_models() const {
    std::vector<std::string> out;
    if (made_.empty())
        return out;
    for (const std::string &name : order_)
        if (made_.count(name))
            out.push_back(name);
    return out;
}

void rows_ahead::undone(const std::string &model) {
    std::erase_if(made_, [&](const auto &m) { return m.second.by == model; });
    if (const auto mine = made_.find(model); mine != made_.end())
        mine->second.is_taken = false;
}

void rows_ahead::over(const std::string &model) {
    over_.insert(model);
    const auto mine = made_.find(model);
    if (mine == made_.end())
        return;
    if (!mine->second.is_taken)
        pg::project_script("DROP TABLE " + pg::qualified(w_.p.find_model(model)->schema, mine->second.rows.table));
    made_.erase(mine);
}

} // namespace barometre::model::transform
