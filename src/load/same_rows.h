#pragma once

#include <string>
#include <vector>

/// Rows that are found by what they hold, where they have no place that SQL could name: in partitions, on other
/// servers, in other access methods.
namespace barometre::load {

/// The columns of a table, by its qualified name; those that the server generates only if so asked.
std::vector<std::string> columns_for_rows(const std::string &table, bool generated);

/// The text of all values of a row. Equal ones may still be rows that differ, which no text tells.
std::string content_of(const std::string &alias, const std::vector<std::string> &columns);

/// What rows of a table have in common with those of a private table.
class same_rows {
public:
    /// `rows`: a private heap table, which has all these columns of `target`, and is analyzed now.
    same_rows(const std::string &target, const std::string &rows, const std::vector<std::string> &columns);

    /// What was made for it goes.
    void drop() const;

    /// FROM or USING: the contents of `rows`, each once, as r.
    const std::string &contents() const { return contents_; }
    /// That a row of the table, t, has the content of r; helped by indexes where it can be.
    const std::string &matches() const { return matches_; }

private:
    /// By their types' equality, column by column, where no text of a row can be asked for. Coarser than the text: who
    /// deletes by it puts back.
    void match_columns(const std::string &target, const std::string &rows, const std::vector<std::string> &columns);

    std::string contents_, matches_, copy_; ///< copy_: empty where none was made
};

/// Deletes as many rows of each content as `rows` holds, a private heap table with the columns of `target`: first all
/// of those contents, then those that stay are put back. `from`: `target`, or ONLY `target`. `scratch`: a free name for
/// a table. Throws 40001 where `target` has fewer, and contract where something keeps a row from going or coming back.
void delete_same(const std::string &target, const std::string &from, const std::string &rows,
                 const std::string &scratch);

/// Deletes the rows of `target` that a condition finds which reads private tables: those of pg::beside(). `rows`: FROM
/// `target` AS t WHERE ...; gives how many. `scratch`: a free name for a table. Throws as delete_rows() does.
std::int64_t delete_found(const std::string &target, const std::string &rows, const std::string &scratch);

} // namespace barometre::load
