#pragma once

#include "core/project/project.h"
#include "model/relation/columns.h"
#include "model/state.h"
#include "pg/row_difference.h"
#include "pg/seen_state.h"
#include "pg/spi.h"
#include "run/record.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace barometre::model::relation {

/// What readers have of a node when its new version is made.
struct published_relation {
    char kind = 0; ///< 0: nothing; a partitioned table is a table, 'r'
    pg::oid oid = pg::no_oid;
    std::string elsewhere;        ///< why its rows are not in its own heap; empty: they are, and have places there
    bool has_heirs = false;       ///< tables that inherit from it, whose rows are none of its own
    bool same_definition = false; ///< of a view of either kind: it is defined as the new version is
    bool has_data = true;         ///< false: a materialized view WITH NO DATA
};

/// How the new version of a table or materialized view differs from what readers have.
struct difference {
    column_change columns;
    std::shared_ptr<const pg::row_difference> rows = std::make_shared<pg::row_difference>();
    std::shared_ptr<const pg::seen_state> seen; ///< what the comparison saw; null: rows were not compared
    std::vector<pg::oid> heaps; ///< where the rows were, as long as they are in heaps that others may write
    bool any_rows() const { return !rows->gone.empty() || !rows->missing.empty(); }
};

/// How a new version takes the place of what readers have.
enum class publication {
    by_difference, ///< a table stays, and gets other columns and rows
    as_it_is,      ///< a view that is defined like that stays; a materialized one is filled anew if its rows changed
    by_swap,       ///< a table stays, and gets the files of its private one: see swap.h
    anew,          ///< the relation is made, or its definition replaced; what is in its way goes
};

/// A model or seed whose new version is made, but not yet published.
struct candidate {
    std::string node, schema, name;
    const project::model *model = nullptr; ///< one of the two
    const project::seed *seed = nullptr;
    char kind = 'r';       ///< what it is to be published as: 'r' table, 'v' view, 'm' materialized view
    std::string built;     ///< name of the private relation; empty: it was made in its place
    std::string copy;      ///< name of a private table for published rows that have no place of their own
    bool is_delta = false; ///< `built` holds only the rows that come in; those that the difference says go
    bool goes_on = false;  ///< its query was is_incremental()
    bool stays = false;    ///< readers have its rows, so that there is no private relation
    bool swaps = false;    ///< the private table's files are to take the place of the published one's
    std::vector<std::pair<pg::oid, pg::oid>> twin_indexes; ///< then: the published indexes, each with its private one
    bool hook_wrote = false;                               ///< a pre_hook changed rows of the published table
    published_relation published;
    relation::difference difference;
    // What is kept of the build.
    build_record record;
    std::vector<input> inputs;
    std::map<std::string, std::string> read_published; ///< see model_inputs
    run::step done;

    const project::relation_node &of() const {
        return model ? static_cast<const project::relation_node &>(*model) : *seed;
    }
    std::string what() const { return done.kind + " \"" + node + "\""; } ///< in messages
    std::string target() const { return pg::qualified(schema, name); }
    std::string made() const { return pg::qualified(schema, built.empty() ? name : built); }
    /// What `from` is of a query of the published rows.
    std::string published_rows() const {
        return (published.elsewhere.empty() || published.has_heirs ? "ONLY " : "") + target();
    }
    /// The table in which the rows that go have the places of the difference.
    std::string places() const { return copy.empty() ? target() : pg::qualified(schema, copy); }

    publication way() const {
        return published.kind == 'r' && kind == 'r' ? swaps ? publication::by_swap : publication::by_difference
               : published.same_definition          ? publication::as_it_is
                                                    : publication::anew;
    }
    bool by_difference() const { return way() == publication::by_difference; }
    bool table_stays() const { return by_difference() || way() == publication::by_swap; }
    bool becomes_other_kind() const { return published.kind != 0 && published.kind != kind; }

    /// Whether readers will see something else, so that what hangs on it is stale.
    bool changes() const {
        switch (way()) {
        case publication::by_difference:
            return difference.columns.any() || difference.any_rows() || hook_wrote;
        case publication::as_it_is:
            return kind == 'm' && (difference.any_rows() || !published.has_data);
        default:
            return true;
        }
    }
};

} // namespace barometre::model::relation
