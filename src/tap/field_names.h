#pragma once

#include "load/record_input.h"
#include "pg/relations.h"
#include "tap/columns.h"
#include "tap/discover.h"
#include "tap/stream_columns.h"

#include <map>

namespace barometre::tap {

/// What the fields of a stream's files are called: the memory of it, from one file to the next.
class field_names {
public:
    /// `table`: its columns; empty: there is no table, and what was remembered of one counts no more. `is_adopted`: it
    /// is another program's, which made no names from places.
    field_names(const project::stream &stream, const std::vector<pg::table_column> &table, bool is_adopted)
        : field_names(stream, table, is_adopted, read_stream_columns(stream)) {}
    /// `before`: what read_stream_columns() gave.
    field_names(const project::stream &stream, const std::vector<pg::table_column> &table, bool is_adopted,
                std::vector<stream_column> before);

    /// Where nothing is remembered of a table that 0.1.0 filled: from the files of the ledger that are still the same.
    void learn(const discovered &found);

    /// All files are read again: fields without text may have other headers than before.
    void forget_nameless() {
        std::erase_if(fields_, [](const field &f) { return !f.known.header.empty(); });
    }

    /// Names the fields of one more file, and remembers them. Throws contract when one may be one of several columns.
    name::named_header name_file(const std::string &file, const std::vector<std::string> &header);

    /// Whether a column is known to be a file's. One that is not may be another program's, until a file has it.
    bool is_of_files(const std::string &column) const;
    bool is_of_others(const std::string &column) const;

    /// Columns of the table that have had no value so far.
    std::vector<std::string> unsettled() const;

    /// To be remembered of a table with these columns; nothing: what is remembered already.
    std::optional<std::vector<stream_column>> to_remember(const std::vector<std::string> &columns) const;

private:
    struct field {
        name::known_field known;
        std::string source; ///< empty: none, or hidden
    };
    static void tell(field &of, const name::known_field &told, const std::string &source);
    void learn_from(const std::vector<std::string> &header);
    const name::known_field *find_column(const std::string &column) const;

    const project::stream &stream_;
    field_map map_;
    std::map<std::string, std::string> sources_; ///< of the map, by its targets
    std::vector<field> fields_;
    std::vector<stream_column> before_; ///< as it is stored
    bool has_table_;
    name::rule rule_;
};

} // namespace barometre::tap
