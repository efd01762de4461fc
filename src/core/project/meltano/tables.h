#pragma once

#include "core/project/meltano/document.h"
#include "core/project/surroundings.h"

namespace barometre::project::meltano {

/// A table of a file tap, as barometre.yml says it.
struct table {
    std::string name;  ///< Meltano's, as mappings have it
    YAML::Node stream; ///< without its name
    place at;
};

/// The tables of an extractor that ends in tap-spreadsheets-anywhere or tap-csv. What means nothing here is noted, and
/// one that can't be read is a problem beside the others.
std::vector<table> read_tables(const plugin &p, const document &from, const data_folder &data,
                               const std::shared_ptr<findings> &found, const one_by_one &attempt);

/// Where the files of a tap-singer-jsonl lie: the keys path and pattern.
YAML::Node read_singer_files(const plugin &p, const document &from, const data_folder &data);

/// A pattern of Python's that may be found anywhere in a name, as one of PostgreSQL's for the whole name.
std::string whole_name_pattern(const std::string &pattern);

} // namespace barometre::project::meltano
