#pragma once

#include "core/project/project.h"
#include "pg/files.h"
#include "tap/newest_value.h"

#include <algorithm>
#include <map>

namespace barometre::tap {

/// Whether a file's times tell of any change since it was listed: else it may have been changed again, while it was
/// read or afterwards, within what the file system takes for the same time, which may be two seconds.
inline bool times_tell(const pg::file_state &listed, std::int64_t listed_us) {
    return std::max(listed.mtime_us, listed.ctime_us) < listed_us - 2'000'000;
}

/// A row of barometre.file: a file that was loaded.
struct ledger_entry {
    std::int64_t id = 0;
    std::string path;
    pg::file_state state;
    std::string hash;          ///< hex
    std::string unpacked_hash; ///< of the decompressed content; empty: not known
    std::int64_t parsed_bytes = 0;
    std::string parsed_hash;
    std::int64_t records = 0;
    bool open_quote = false; ///< a quote of it was never closed: what follows may be more of that record
    std::string reading;     ///< reading::of() when it was loaded; empty: counts as read as today
    std::string delimiter;   ///< that was found in it then; empty: not known
    bool settled = false;    ///< times_tell()
};
bool is_untouched(const ledger_entry &known, const pg::file_state &now); ///< its times tell that it is as it was

/// A file that an earlier load left out, because it could not be loaded.
struct left_out_file {
    std::int64_t inode = 0;
};

/// The state of one stream: its files and its bookmark.
struct ledger {
    std::map<std::string, ledger_entry> files;     ///< by path
    std::map<std::string, left_out_file> left_out; ///< by path
    std::vector<ledger_entry> forgotten;           ///< contents that are not to be loaded
    bool has_bookmark = false;
    bool complete = false;    ///< as many files as the bookmark counted:
    std::int64_t counted = 0; ///< so many
    std::string newest_of;    ///< what the bookmark's newest value is of
    std::string hashed;       ///< hashed_columns() of the last load
    std::string described; ///< what became comments, as model::relation::description_json() gives it; empty: not known
};

ledger read_ledger(const project::stream &stream);
/// The same of several at once, but for quotes that were never closed.
std::vector<ledger> read_ledgers(const std::vector<const project::stream *> &streams);

std::vector<std::int64_t> new_file_ids(std::size_t count);

/// A file of the stream as it was found, with the id that its rows have.
struct seen_file {
    std::int64_t id;
    pg::data_file file;
    std::string old_path{}; ///< that it had when it was loaded, if it was renamed
};

/// What a load knows of one file at its end.
struct loaded_file {
    seen_file seen;
    std::int64_t records, bytes; ///< of the whole file
    std::string hash, unpacked_hash;
    std::string reading, delimiter; ///< as in ledger_entry
};

/// Writes the files' rows, new or not. `listed_us`: when they were listed, here and below.
void record_files(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t listed_us,
                  std::int64_t run);
/// Writes how these files of the ledger count as read.
void record_reading(const std::vector<ledger_entry> &files);
/// Touched or renamed files: the same content. Their rejects follow.
void record_touched(const project::stream &stream, const std::vector<seen_file> &files, std::int64_t listed_us);
/// Forgets the rejects of these files but for those of `run`.
void forget_rejects(const project::stream &stream, const std::vector<std::string> &paths, std::int64_t run);
/// Forgets what rejects of the stream hold in clear.
void forget_raw(const project::stream &stream);
/// Files that are gone, with their rejects.
void forget_files(const project::stream &stream, const std::vector<std::string> &paths);

/// A file whose rows went: its content is remembered, and its rejects go; gives how many there were.
std::int64_t forget_content(const project::stream &stream, const ledger_entry &file);
/// Contents that were forgotten may be loaded again.
void recall_contents(const project::stream &stream);

/// What a load adds to the stream's bookmark.
struct bookmark {
    std::int64_t records = 0;
    std::optional<std::int64_t> rows;       ///< that the table gained; nothing: nobody counted those that it has
    std::optional<std::string> newest_data; ///< the greatest key
    bool is_of_all_rows = false;            ///< newest_data: what was greater before is there no more
    newest_value newest;
};
void record_bookmark(const project::stream &stream, const bookmark &mark, std::int64_t run);

} // namespace barometre::tap
