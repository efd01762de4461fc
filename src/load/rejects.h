#pragma once

#include "core/project/project.h"
#include "load/file_format.h"
#include "pg/reject.h"

#include <map>

namespace barometre::load {

/// More records were rejected than may be, or all.
struct too_many_rejects : error {
    explicit too_many_rejects(const error &e) : error(e) {}
};

/// A file that can't be loaded, and why.
struct bad_file {
    std::string name;
    error why;
};

/// The records of one load that could not be loaded, and how many may be. Those of a stream go into
/// barometre.reject, in the load's own transaction; the first ones are kept for when that is rolled back.
class reject_log {
public:
    /// `run`: 0: none is stored (of a seed).
    reject_log(std::shared_ptr<const file_format> format, const std::string &tap, const std::string &stream,
               const project::limit &limit, std::int64_t run);

    void name_file(std::int64_t id, const std::string &name) { names_[id] = name; }
    void add(pg::reject rejected);
    std::int64_t count() const { return count_; }
    /// So many are waited for before a load is refused because of them, instead of a thousand: who tries it again
    /// without the worst files waits for more each time, lest there be an attempt for each of them.
    void wait_for(std::int64_t rejects) { patience_ = rejects; }
    /// So many a file has, which was read to its end.
    void know_records(const std::string &file, std::int64_t records) { of_files_[file].records = records; }

    /// Those without which the load may pass judge(): as few as possible. What is left passes, as far as it was read.
    std::vector<bad_file> worst_files() const;
    /// Enough was seen to refuse the load, which has that many records at most.
    bool is_full(std::int64_t most_records) const;
    void forget();                   ///< the files are read again from the beginning
    void stop() { stopped_ = true; } ///< no more was read: there may be more of them
    /// More was loaded, or will be: that all of these records are rejected is no sign that nothing can be loaded.
    void judge_part() { is_part_ = true; }
    /// Throws too_many_rejects if more of `records` were rejected than may be, or all of them.
    void judge(std::int64_t records) const { judge(records, limit_); }
    void judge(std::int64_t records, const project::limit &limit) const;
    void store(); ///< writes what is not written yet
    /// The content of records of that file, at these lines in ascending order, is not known after all. `is_stored`: nor
    /// is what was written already.
    void withdraw_content(std::int64_t file, const std::vector<std::int64_t> &lines, bool is_stored);
    /// The first ones, as barometre.reject takes them: a JSON array, for a load that is rolled back.
    std::string first_as_json() const;
    std::string first_as_json(const std::vector<bad_file> &files) const; ///< of these; of each one at least

    struct entry {
        std::string file;
        pg::reject rejected;
    };
    const std::vector<entry> &first() const { return first_; } ///< up to a thousand
    std::string sentence(const entry &e) const;                ///< file, line, column and reason

    /// Records that are rejected for the same reason, whatever the values are.
    struct cause {
        entry example; ///< the first one
        std::int64_t count = 0;
        std::vector<std::string> places; ///< file:line of the first three
    };
    /// Of a trial, in the order in which they were found.
    const std::vector<cause> &causes() const { return causes_; }
    std::int64_t of_other_causes() const { return others_; } ///< beyond the hundred that are told apart

private:
    std::shared_ptr<const file_format> format_;
    std::string tap_, stream_;
    project::limit limit_;
    std::int64_t run_, count_ = 0;
    bool is_part_ = false, stopped_ = false;
    std::map<std::int64_t, std::string> names_;
    std::vector<entry> first_, waiting_;
    struct of_file {
        std::int64_t records = -1, count = 0; ///< records: below 0: not known
        std::optional<entry> first;
    };
    std::map<std::string, of_file> of_files_; ///< by name
    error error_of(const of_file &f) const;
    std::string as_json(const entry &e) const;
    std::int64_t patience_ = 1000;
    void group(const entry &e);
    bool store_directly() const; ///< false: it is to be done by SQL
    void store_by_sql() const;
    std::vector<cause> causes_;
    std::map<std::string, std::size_t> known_causes_; ///< their places in causes_
    std::int64_t others_ = 0;
};

} // namespace barometre::load
