#pragma once

#include "core/bytes/content.h"
#include "load/file_format.h"
#include "pg/relations.h"
#include "tap/ledger.h"
#include "tap/purpose.h"

namespace barometre::tap {

/// What is to be done with one file.
enum class file_action { unchanged, touched, renamed, parse };
struct file_plan {
    pg::data_file file;
    file_action action = file_action::parse;
    std::int64_t id = 0;                 ///< 0: not in the ledger
    std::string old_path;                ///< renamed; it may have grown as well
    std::string hash;                    ///< if it was computed
    std::optional<bytes::prefix> prefix; ///< the file only grew: what follows is to be parsed
    std::int64_t records = 0;            ///< that the prefix has
};

/// Files that match, and are not read by this call.
struct passed_over {
    bool no_folder = false;           ///< the folder is not there yet
    std::vector<std::string> no_data; ///< as pg::listing has it
    std::size_t old = 0;              ///< last modified before start_date
    std::vector<std::string> wait;    ///< younger than min_age, or dated in the future
    std::size_t future = 0;           ///< of those that wait
    std::vector<seen_file> forgotten; ///< whose content is, with the ids of its ledger
};

/// The first value of a load: its files, and what the ledger says of them.
struct discovered {
    std::shared_ptr<const load::file_format> format; ///< of the files
    bool shares_files = false;   ///< they have records of other streams too: the ledger is kept for all at once,
    bool ledger_changed = false; ///< which was done already, of these files,
    std::size_t matching = 0;    ///< and of those that do not hold the stream
    bool table_exists = false;   ///< that of the stream
    std::vector<pg::table_column> table; ///< its columns
    bool is_adopted = false;             ///< it was made by another program, and nothing was loaded into it yet
    ledger known;
    bool rereads = false;             ///< they were read otherwise than the stream says now, so all are to be parsed
    std::int64_t listed_us = 0;       ///< when, by pg::now_us()
    std::vector<file_plan> files;     ///< oldest first
    std::vector<file_plan> left_out;  ///< those that purpose::skips has
    std::vector<std::string> retried; ///< names of those of `files` that earlier loads left out;
    std::size_t read_again = 0;       ///< how many of `files` are parsed because they come after those,
    std::vector<std::string> out_of_turn; ///< and files that are gone and would be too
    std::vector<std::string> not_there;   ///< paths that earlier loads left out, and that no file has that may be read
    passed_over others;
    std::vector<std::string> gone; ///< paths of the ledger that no file has, under whatever name so far, in order

    std::vector<const file_plan *> to_parse() const; ///< oldest first
};

/// Leaves of the files the next one to be loaded, else the first one, to be parsed in any case.
void leave_next_file(discovered &found);

std::string hash_of_file(const pg::data_file &file); ///< of its content, as the ledger has it

/// Lists the files of a stream and compares them with the ledger. Without the stream's table, for a full refresh, and
/// when they were read otherwise than the stream says now, all of them are to be parsed. Throws bad_file; contract when
/// a full refresh would lose the rows of a file that is too young, or such a file can't be read again.
discovered discover(const project::stream &stream, const purpose &why);
/// Its two parts: the table of the stream and what is remembered of it, and the files, of which `parse_all` says
/// whether all are to be parsed.
void look_at_table(const project::stream &stream, discovered &out);
void plan_files(const project::stream &stream, const purpose &why, bool parse_all, discovered &out);

bool was_read_otherwise(const project::stream &stream, const ledger &known);
void tell_rereads(const project::stream &stream, const purpose &why);

/// The statement that makes rows of the files with these ids (none: of all) count as read as the stream says now.
std::string accept_reading(const project::stream &stream, const std::vector<std::string> &ids = {});

} // namespace barometre::tap
