#pragma once

#include "model/transform/select.h"
#include "model/transform/workshop.h"
#include "run/record.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// A transformation at work: what its stages share.
struct work {
    work(const project::project &p, const options &how, const selected &what, run::record &memory);
    ~work(); ///< gives the steps to the memory of the run, in the order of the graph, tests last
    work(const work &) = delete;
    work &operator=(const work &) = delete;

    const project::project &p;
    const options &how;
    const selected &what;
    run::record &memory;
    workshop shop;
    // As far as it is known what became of them: nodes, and tests that did not pass.
    std::map<std::string, run::step> steps;
    std::vector<run::step> tests;

    /// While it lives, warnings are of this node, and are kept with its step.
    class subject {
    public:
        subject(work &w, const std::string &node) : work_(w), node_(node) {}
        ~subject();
        subject(const subject &) = delete;
        subject &operator=(const subject &) = delete;

    private:
        work &work_;
        const std::string node_;
        const pg::heard_warnings heard_;
    };

    void show_progress(const std::string &what); ///< and looks for interrupts
    void begin(const std::string &node);         ///< the same, for the next one

    /// Runs `f`: in a subtransaction where others go on after its failure.
    void attempt(const std::function<void()> &f) const;
    bool is_fatal(const error &e) const; ///< for the whole call

private:
    std::size_t at_ = 0;
    std::map<std::string, std::vector<pg::told_warning>> warnings_; ///< by node
};

} // namespace barometre::model::transform
