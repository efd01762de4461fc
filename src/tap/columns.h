#pragma once

#include "core/project/project.h"
#include "load/input_file.h"
#include "load/planned_column.h"
#include "pg/relations.h"

#include <functional>
#include <unordered_map>

namespace barometre::tap {

/// What the map of a stream, which outlives it, makes of the fields of a file.
class field_map {
public:
    explicit field_map(const project::stream &stream);

    bool names(const std::string &field) const { return by_source_.count(field) > 0; }
    /// The columns of a field, each with its source; none: it is dropped.
    std::vector<project::mapping> targets_of(const std::string &field) const;
    /// How many columns a file with so many fields makes, if it has those that the map names.
    std::size_t columns_of(std::size_t fields) const;

private:
    std::unordered_map<std::string, std::vector<const project::mapping *>> by_source_;
    std::size_t targets_ = 0;
    bool keeps_rest_;
};

/// The columns of the stream's table, made from a file whose fields are `names`:
/// mapped columns first, in the map's order of sources, then the rest; each with
/// its declared type, or none. Throws contract when the map, the key or a
/// declared column names a field that is not there.
std::vector<load::planned_column> plan_columns(const project::stream &stream, const std::vector<std::string> &names,
                                               const load::input_file &input);

std::vector<std::string> names_of(const std::vector<load::planned_column> &columns);
std::vector<std::string> types_of(const std::vector<load::planned_column> &columns);

/// That rows with these aliases have the same key, as SQL; the columns are those of the stream's table.
std::string same_key(const project::stream &stream, const std::vector<load::planned_column> &columns,
                     const std::string &one, const std::string &other);

std::string shown_names(const std::vector<std::string> &columns); ///< for messages: quoted, the first ones of very many

bool is_lineage(const std::string &column);

/// The columns of a table that is there already, but for the lineage columns.
std::vector<load::planned_column> columns_of_table(const project::stream &stream,
                                                   const std::vector<pg::table_column> &table);

/// Takes the columns that a file gives into `plan`, by the stream's contract: a new one is added at the end, or left
/// out; one that the file lacks stays. `aside`: columns of the table that no file gave so far; those whose values the
/// server gives stay so. What changed is told to `tell`, as clauses. Throws contract.
void fit_columns(const project::stream &stream, const load::input_file &input,
                 const std::vector<load::planned_column> &given, const std::vector<pg::table_column> &aside,
                 std::vector<load::planned_column> &plan, const std::function<void(const std::string &)> &tell);

/// Throws contract if a file would make so many columns that no table may have them.
void check_width(const project::stream &stream, const std::string &file, std::size_t columns);

/// For each column of `plan` the number of its field in a file that gives `given`, or pg::no_field.
std::vector<std::size_t> sources_for(const std::vector<load::planned_column> &plan,
                                     const std::vector<load::planned_column> &given);

/// The decimal sign of a column's numbers.
char decimal_of(const project::stream &stream, const project::column &declared);

} // namespace barometre::tap
