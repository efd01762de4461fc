#pragma once

#include "core/project/project.h"
#include "core/sql/comparison.h"

#include <string>
#include <utility>
#include <vector>

/// The SQL of snapshots: the history of a changing source, a row a version. doc/snapshots.md says what the rows mean.
namespace barometre::snapshot {

struct column {
    std::string name, type;     ///< type: as SQL writes it, without collation
    sql::comparison compared{}; ///< its values
    bool operator==(const column &) const = default;
};

const column *find_column(const std::vector<column> &list, const std::string &name); ///< null: there is none

/// What a snapshot is made from and what it has. Relations are as SQL writes them, quoted and with their schema.
struct history {
    const project::model &model; ///< a snapshot
    std::string source;          ///< a private table of what its SELECT gives now
    std::vector<column> source_columns;
    std::string target{};                 ///< the published table; empty: there is none yet
    std::vector<column> target_columns{}; ///< of the published table as it is
    /// When this happens: of type timestamptz, and the same in all statements of one publication.
    std::string clock = "pg_catalog.now()";
    std::string pairs{}; ///< a private table of pairs()
};

/// Refuses columns that the snapshot can't work with: names of its own in the source, columns of its configuration that
/// the source lacks, types that its table can't take without loss, and a table that is none of a snapshot. Throws
/// `contract`.
void check_columns(const history &h);

/// The columns of the table once this version is published: those that it has, in their order, then new ones of the
/// source.
std::vector<column> columns_after(const history &h);

/// A query that gives a row for each reason why the rows can't be told apart: fault text, example text (a key), rows
/// bigint. Whether keys come more than once is only asked where they may.
std::string faults(const history &h, bool source_may_repeat = true, bool target_may_repeat = true);
/// The error for such a row, of SQLSTATE `contract`.
[[noreturn]] void refuse(const history &h, const std::string &fault, const std::string &example,
                         const std::string &rows);

/// The columns of the source by which a row is told to be another version of itself, each with that of the table: where
/// none of them differs in any way, it is none, unless the open version says that the row was deleted.
std::vector<std::pair<std::string, std::string>> compared_columns(const history &h);
/// Then this column of the table, if it is there, has that value.
inline constexpr char is_deleted[] = "dbt_is_deleted", deleted_mark[] = "True";
/// Whether a version ends when its row is gone.
bool follows_deletes(const history &h);

/// A SELECT of the rows of a table that is made anew.
std::string first_version(const history &h);

/// A SELECT of what is to be done: "source", the ctid of a row whose version begins, and "open", that of a version that
/// ends, both where one follows the other, or one of them NULL. All that follows reads it and these rows alone.
std::string pairs(const history &h);

/// A SELECT of the rows that come into the published table, in columns_after(): the versions that end, and those that
/// begin.
std::string delta(const history &h);

/// A SELECT of the ctids, as "place", of the rows of the published table that `delta` has with their end. No other row
/// ever goes.
std::string gone(const history &h);

/// What `pairs` and `delta` need of the published table, where they are to read a private one in its place: the
/// versions that have not ended, and, where those are in `open`, the ended ones of rows that have none.
std::string open_versions(const history &h);
std::string earlier_versions(const history &h, const std::string &open, const std::string &columns = "t.*");

} // namespace barometre::snapshot
