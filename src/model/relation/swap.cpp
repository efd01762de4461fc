#include "model/relation/swap.h"
#include "core/error.h"
#include "core/stopwatch.h"
#include "core/text/text.h"
#include "model/relation/apply.h"
#include "model/relation/attributes.h"
#include "model/relation/compare.h"
#include "model/relation/copy.h"
#include "model/relation/lock.h"
#include "pg/distribution.h"
#include "pg/frozen_rows.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/storage_swap.h"
#include "pg/storage_twin.h"

#include <algorithm>
#include <map>

namespace barometre::model::relation {

namespace {

using project::publish_way;

bool is_asked_for_always(const candidate &c) { return c.model->published_by() == publish_way::swap; }

/// What of the candidate itself speaks against a swap; a clause, or nothing.
std::string why_not(const candidate &c) {
    if (c.model->max_deletes)
        return "max_deletes compares its rows";
    if (c.hook_wrote)
        return "a pre_hook wrote into its table";
    if (!c.published.elsewhere.empty())
        return c.published.elsewhere;
    if (!has_its_indexes(*c.model))
        return "its indexes change";
    return pg::why_not_exchanged(c.published.oid);
}

void say_why(const candidate &c, const std::string &why) {
    if (is_asked_for_always(c))
        pg::notice("model " + text::quoted(c.node) + " is published by difference: " + why);
}

/// Waits a little for a moment in which nobody works with a snapshot.
bool is_nobody_about() {
    const stopwatch waited;
    while (pg::others_have_snapshots()) {
        if (waited.seconds() > 1)
            return false;
        pg::sleep_ms(20);
    }
    return true;
}

/// The table that stays is meant, not the private one.
[[noreturn]] void rethrow_of(const candidate &c, const std::string &name, error e) {
    const std::string shown = text::quoted(name);
    if (const auto at = e.message.find(shown); at != std::string::npos)
        e.message.replace(at, shown.size(), text::quoted(c.name));
    if (e.table_name == name)
        e.table_name = c.name;
    throw e;
}

} // namespace

bool fill_for_swap(candidate &c, const std::string &name, const std::string &query, bool is_small,
                   const std::string &filled_of_it) {
    const bool always = is_asked_for_always(c);
    if (c.model->published_by() == publish_way::difference || !c.by_difference() || c.is_delta || (!always && is_small))
        return false;
    std::string why =
        filled_of_it.empty() ? why_not(c) : "materialized view " + text::quoted(filled_of_it) + " is filled of it";
    if (why.empty() && !always && !is_nobody_about())
        return false;
    if (!why.empty()) {
        say_why(c, why);
        return false;
    }
    const std::string table = pg::qualified(c.schema, name);
    why = pg::make_twin(c.published.oid, table, query);
    if (compare_columns(pg::collated_columns_of(c.schema, c.name), pg::collated_columns_of(c.schema, name)).any())
        why = "its columns change";
    if (!why.empty()) {
        pg::project_script("DROP TABLE " + table);
        say_why(c, why);
        return false;
    }
    try {
        c.done.records = pg::fill_frozen(pg::oid_of(table), query);
    } catch (const error &e) {
        rethrow_of(c, name, e);
    }
    c.swaps = true;
    return true;
}

bool prepare_swap(candidate &c) {
    c.difference.seen = std::make_shared<pg::seen_state>();
    const pg::oid made = pg::oid_of(c.made());
    if (!is_asked_for_always(c) && !pg::are_mostly_different(c.published.oid, made)) {
        c.swaps = false;
        return false;
    }
    try {
        c.twin_indexes = pg::make_twin_indexes(c.published.oid, c.schema, c.built);
    } catch (const error &e) {
        rethrow_of(c, c.built, e);
    }
    if (const std::string why = pg::why_unlike(c.published.oid, made, c.twin_indexes); !why.empty()) {
        c.swaps = false;
        say_why(c, why);
        return false;
    }
    pg::analyze(c.made());
    c.done.inserted = c.done.records;
    c.done.deleted = pg::sql_now("SELECT pg_catalog.count(*) FROM " + c.published_rows()).number(0, 0);
    c.done.unchanged = 0;
    return true;
}

namespace {

/// Publishes by difference what could not be swapped.
void change_instead(candidate &c, const std::string &why, const candidate *&at) {
    at = &c;
    say_why(c, why);
    c.swaps = false;
    const auto built = c.difference.seen;
    compare_table(c);
    // What came since the table was built would be taken for rows that go.
    if (built->others_wrote(c.published.oid))
        changed_by_others(c.target());
    if (c.difference.any_rows())
        apply_differences({&c}, at);
}

std::string why_not_any_more(const candidate &c) {
    if (pg::is_in_use_here(c.published.oid))
        return "this session itself reads " + c.target();
    if (const std::string why = pg::why_not_exchanged(c.published.oid); !why.empty())
        return why;
    return pg::why_unlike(c.published.oid, pg::oid_of(c.made()), c.twin_indexes);
}

} // namespace

void swap_tables(std::vector<candidate> &all, bool hurried, const std::function<void(const candidate &)> &changed,
                 const candidate *&at) {
    std::vector<candidate *> swaps;
    for (candidate &c : all)
        if (c.swaps)
            swaps.push_back(&c);
    if (swaps.empty())
        return;
    const auto give_up = [&](candidate *c, const std::string &why) {
        std::erase(swaps, c);
        change_instead(*c, why, at);
        changed(*c);
    };
    const stopwatch waited;
    const double most = hurried ? 1 : lock_patience();
    const auto lock_all = [&](bool (*lock)(pg::oid), bool with_parts, const std::string &why) {
        for (;;) {
            std::map<pg::oid, candidate *> of;
            std::vector<pg::oid> oids;
            for (candidate *c : swaps)
                for (const pg::oid part :
                     with_parts ? pg::parts_of(c->published.oid) : std::vector<pg::oid>{c->published.oid}) {
                    of[part] = c;
                    oids.push_back(part);
                }
            const auto held = lock_at_once(oids, lock, std::max(std::min(1.0, most), most - waited.seconds()));
            if (!held)
                return;
            give_up(of.at(*held), of.at(*held)->target() + why);
        }
    };
    pg::point("transform.swap");
    // Nobody writes into the tables, or changes them, while readers still go on.
    lock_all(pg::try_write_lock, false, " is written or maintained all the time");
    for (candidate *c : std::vector(swaps)) {
        at = c;
        if (others_wrote(*c))
            changed_by_others(c->target());
        if (const std::string why = why_not_any_more(*c); !why.empty())
            give_up(c, why);
        else if (!is_asked_for_always(*c) && !is_nobody_about())
            give_up(c, "");
    }
    pg::flush_log(); // which readers would wait for
    lock_all(pg::try_exclusive_lock, true, " is in use all the time");
    for (candidate *c : swaps) {
        at = c;
        pg::exchange_storage(c->published.oid, pg::oid_of(c->made()), c->twin_indexes, c->done.records);
    }
    at = nullptr;
    pg::point("transform.swapped");
}

} // namespace barometre::model::relation
