#pragma once

#include "model/inputs.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What barometre remembers of the last builds.
namespace barometre::model {

/// What a published relation has beside its rows, as the project wants it. Kept with the build as JSON, to tell what
/// came from the project and is no more wanted.
struct attributes {
    std::string description = "{}"; ///< of the relation under "", of its columns by name
    std::string indexes = "[]";     ///< definitions as relation::index_text() gives them
    std::string grants = "{}";      ///< privilege -> roles
    bool operator==(const attributes &) const = default;
};

/// What barometre_internal.build holds of the last build of a model or seed, or of the project's functions.
struct build_record {
    pg::oid relation = pg::no_oid;
    std::string query;         ///< hash of the SQL, or of the seed's file
    std::string configuration; ///< hash
    attributes has;            ///< of the project's
    std::string always;        ///< why it is stale at each call; empty: it isn't
    std::string
        changed; ///< which of its inputs changed since (of a view: that it did itself), as a clause; empty: none
    std::int64_t rows = -1; ///< -1: a view
    std::string built;
};

/// By kind (model, seed, functions) and name. Inputs are compared with barometre_internal.change as the transaction
/// sees it.
using build_records = std::map<std::pair<std::string, std::string>, build_record>;
build_records read_builds();
build_records read_loads_of_seeds(); ///< those of kind seed alone, which have no inputs

struct build_written {
    std::string kind, name;
    const build_record *record;
    const std::vector<input> *inputs; ///< with the OIDs of what is published
};
/// Writes records, each of another node, when all is published; `snapshot` is what the builds saw
/// (pg_current_snapshot() before they began).
void write_builds(const std::vector<build_written> &builds, const std::string &snapshot);

/// Where the relation of its last build is now: schema and name. Nothing: it is gone, or its last build is not known.
std::optional<std::pair<std::string, std::string>> last_place(const std::string &kind, const std::string &name);

/// Notes what a node that wasn't built has now.
void write_attributes(const std::string &kind, const std::string &name, const attributes &has);

/// Notes that a model's rows changed after others read them: those are built again by the next call.
void write_late_change(const std::string &name);

/// Notes that a view was made anew as it was, also for those who read it.
void write_remade_view(const std::string &name, pg::oid view);

} // namespace barometre::model
