#pragma once

#include "core/project/meltano/document.h"

#include <optional>

namespace barometre::project::meltano {

/// Something that a job does: an extractor's run through mappings into a loader, or a command of dbt's.
struct block {
    std::string extractor;
    std::vector<std::string> mappings;
    std::string loader;
    YAML::Node step{YAML::NodeType::Map}; ///< of dbt, as a job of barometre's has it; empty: nothing is to be done
};

/// A job or schedule, as far as it can be told without taps.
struct plan {
    std::string name;     ///< as a job of barometre's may be called
    std::string kind;     ///< job or schedule
    std::string interval; ///< empty: by hand
    std::string start_date;
    bool names_job = false; ///< of a schedule: it is of a job, and not of one extractor
    std::vector<block> blocks;
    yaml_map entry;
};

/// All jobs and schedules. Those that can't be told are problems. `has_dbt`: there is a dbt project to run.
std::vector<plan> read_plans(const document &from, bool has_dbt, findings &found, const one_by_one &attempt);

/// The mapping of that name: its stream_maps; undefined: there is none of that name.
YAML::Node find_mapping(const document &from, const std::string &name);

/// Whether it runs dbt.
bool is_dbt(const plugin &p);

} // namespace barometre::project::meltano
