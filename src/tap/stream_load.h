#pragma once

#include "run/record.h"
#include "load/fill_table.h"
#include "load/merge.h"
#include "tap/ledger.h"
#include "tap/plan.h"

namespace barometre::tap {

/// One load of one stream: what load_stream() knows while it works.
class stream_load {
public:
    /// `memory`: none for a dry run, whose subtransaction the caller rolls back: it says nothing, and all records
    /// may be rejected.
    stream_load(const project::stream &stream, bool full_refresh, run::record *memory)
        : stream_(stream), format_(format_of(stream)), full_refresh_(full_refresh), run_(memory), run_id_(memory ? memory->id() : 0),
          target_(pg::qualified(stream.tap, stream.name)), staging_name_("_baro_staging_" + std::to_string(run_id_)),
          staging_(pg::qualified(stream.tap, staging_name_)),
          rejects_(format_, stream.tap, stream.name, memory ? stream.max_rejects : project::reject_limit{0, 100}, run_id_) {}

    run::step work();
    /// The first records of the next file to be loaded (of the first one, if none is), as they would be loaded: record, line, content.
    std::vector<std::vector<pg::cell>> preview(std::int64_t most);

    // Of a dry run, after work():
    const std::vector<load::planned_column> &columns() const { return plan_; }
    const std::vector<std::string> &changes() const { return changes_; }
    const std::vector<std::string> &ddl() const { return ddl_; }
    const load::reject_log &rejects() const { return rejects_; }

private:
    void find_files();
    void find_columns();
    void number_files();
    void load_files();
    void fill_and_move();
    void read_files();
    void tell(const std::string &sentence) const; ///< a NOTICE, but for a dry run
    void change_table(const std::string &sql);
    void open_table_columns();
    void open_new_columns(std::size_t from);
    void alter_table();
    std::size_t table_columns_count() const;
    void recover_file_ids();
    void create_table();
    void index_table();
    void index_files();
    void move_rows();
    void add_refused(std::vector<pg::reject> &refused);
    void record();
    std::string newest_of() const;
    newest_value find_newest_value() const;
    std::string closing_sentence() const;

    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const load::planned_column &c : plan_)
            out.push_back(c.name);
        return out;
    }

    const project::stream &stream_;
    load::csv_format format_;
    bool full_refresh_;
    run::record *run_;
    std::int64_t run_id_;
    std::string target_, staging_name_, staging_;

    ledger known_;
    std::vector<file_plan> files_;
    std::vector<file_plan *> parse_; ///< those to parse, oldest first
    std::vector<load::file_job> jobs_; ///< one for each of `parse_`
    std::vector<load::file_load> loads_;
    load::found_types found_;
    std::size_t looks_ = 0; ///< columns of which no type is known yet
    std::vector<std::string> changes_; ///< of the table, as clauses
    std::vector<std::string> ddl_;
    load::reject_log rejects_;
    std::int64_t most_ = 0; ///< records to read of each file; 0: all
    bool table_exists_ = false;
    bool distinct_keys_ = false; ///< of the staging table
    std::int64_t staged_ = 0;    ///< records that were read and not rejected
    std::int64_t left_out_ = 0;  ///< records that did not come into it, because the table has them
    std::vector<pg::table_column> table_;
    std::vector<load::planned_column> plan_; ///< the table's columns, made from the first file's
    run::step step_;
};

} // namespace barometre::tap
