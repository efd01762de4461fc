#pragma once

#include "model/candidate.h"
#include "registry/registry.h"

namespace barometre::model {

struct transform_options {
    std::string selection = "*";
    std::string exclude;        ///< empty: nothing
    bool full_refresh = false;  ///< everything is built, whether it is stale or not
    bool skip_failures = false; ///< a model that fails is left out with its descendants, and the rest goes on
};

/// One call of baro_transform: builds what is stale of the selection into private tables, tests it there, and publishes
/// it, in the current transaction and as the current role.
class transformation {
public:
    /// Finds out what is selected, and which locks the work needs. May be in a transaction before the work's.
    transformation(const project::project &p, const transform_options &options);

    /// Takes the locks, without a snapshot: the work sees all that was published before it got them.
    void lock() const;

    /// Adds a step for each seed and model to `memory`, and tells the user about each.
    void run(run::record &memory);

private:
    void load_seeds();
    void build_models();
    void build_model(const project::model &m, const std::string &reason);
    candidate build(const project::model &m);
    void note_failure(const std::string &kind, const std::string &name, const std::string &reason, const error &e);
    bool keep_attributes(const project::model &m, const build_record &known);
    void check_published(const candidate &c) const;
    void fill(candidate &c);
    void note_inputs(candidate &c, const pg::analyzed_query &analyzed, bool reads_clock);
    void audit(run::record &memory);
    void leave_out(const std::string &node, const std::string &why);
    void tell_old_versions();
    void publish_all();
    void keep_steps(run::record &memory) const;
    void show_progress(const std::string &what);
    bool is_there(const std::string &node) const;
    std::string reason_to_build(const project::model &m);

    const project::project &p_;
    const transform_options options_;
    const graph::dag all_, nodes_; ///< with ephemeral models, and without
    std::set<std::string> selected_, seeds_;
    std::vector<std::pair<std::string, std::string>> locks_; ///< kind and name, in the order in which they are taken

    std::string snapshot_; ///< what this call sees
    build_records builds_;
    std::map<std::string, pg::oid> there_;
    input_reader inputs_;
    workshop shop_;
    std::vector<candidate> candidates_;
    std::vector<run::step> steps_; ///< of what is no candidate, and of tests that did not pass
    std::map<std::string, std::string> left_out_; ///< node -> why
    std::set<std::string> changed_;               ///< built, and not what it was
    std::set<std::string> failed_;
    std::int64_t total_ = 0, at_ = 0, unchanged_ = 0, tests_ = 0;
};

} // namespace barometre::model
