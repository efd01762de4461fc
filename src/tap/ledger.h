#pragma once

#include "core/project/project.h"
#include "core/csv/record_reader.h"
#include "pg/files.h"

#include <map>

namespace barometre::tap {

/// A row of barometre.file: a file that was loaded.
struct ledger_entry {
    std::int64_t id = 0;
    std::string path;
    pg::file_state state;
    std::string hash; ///< hex
    std::int64_t parsed_bytes = 0;
    std::string parsed_hash;
    std::int64_t records = 0;
    bool open_quote = false; ///< a quote of it was never closed: what follows may be more of that record
    bool settled = false; ///< the file was older than two seconds when it was loaded, so its times tell of any change
};

/// The state of one stream: its files and its bookmark.
struct ledger {
    std::map<std::string, ledger_entry> files; ///< by path
    bool has_bookmark = false;
    bool complete = false; ///< as many files as the bookmark counted
    std::string newest_of; ///< what the bookmark's newest value is of
    std::string hashed;    ///< hashed_columns() of the last load
};

ledger read_ledger(const project::stream &stream);

/// What is to be done with one file.
enum class file_action { unchanged, touched, renamed, parse };
struct file_plan {
    pg::data_file file;
    file_action action = file_action::parse;
    std::int64_t id = 0;      ///< 0: not in the ledger
    std::string old_path;     ///< renamed
    std::string hash;         ///< if it was computed
    std::optional<csv::prefix> prefix; ///< the file only grew: what follows is to be parsed
    std::int64_t records = 0; ///< that the prefix has
    std::string twin;         ///< another file of the stream with the same content
};

/// Compares the listed files with the ledger. A file whose size, times and inode
/// are those of the ledger is not opened; else its content decides. Without a
/// bookmark no times are trusted. `parse_all`: every file is to be parsed.
/// `tails`: of a file that grew only what follows may be parsed.
/// `listed` are all files that match, also those before start_date.
std::vector<file_plan> plan_files(const std::vector<pg::data_file> &files, const std::vector<pg::data_file> &listed,
                                  const ledger &known, bool parse_all, bool tails);

std::vector<std::int64_t> new_file_ids(std::size_t count);

/// What a load knows of one file at its end.
struct loaded_file {
    const file_plan *plan;
    std::int64_t records, bytes; ///< of the whole file
    std::string hash;
};

/// Writes the files' rows, new or not.
void record_files(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t run);
/// Touched or renamed files: the same content. Their rejects follow.
void record_touched(const project::stream &stream, const std::vector<const file_plan *> &files);
/// Forgets the rejects of these files but for those of `run`.
void forget_rejects(const project::stream &stream, const std::vector<std::string> &paths, std::int64_t run);
/// Forgets what rejects of the stream hold in clear.
void forget_raw(const project::stream &stream);
/// The columns that the map hashes, as a list.
std::string hashed_columns(const project::stream &stream);
/// Files that are gone, with their rejects.
void forget_files(const project::stream &stream, const std::vector<std::string> &paths);

/// The greatest value of the column that the stream's freshness names.
struct newest_value {
    std::string of;                ///< that column, and its format; empty: freshness names none
    std::optional<std::string> at; ///< a timestamptz
    bool of_all_rows = false;      ///< else of those that were just loaded
};
void record_bookmark(const project::stream &stream, std::int64_t records, std::int64_t run, const std::optional<std::int64_t> &rows,
                     const std::optional<std::string> &newest_data, const newest_value &newest);

} // namespace barometre::tap
