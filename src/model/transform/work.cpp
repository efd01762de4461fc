#include "model/transform/work.h"
#include "core/interrupts.h"
#include "pg/settings.h"
#include "pg/transaction.h"

#include <new>

namespace barometre::model::transform {

work::work(const project::project &p, const options &how, const selected &what, run::record &memory)
    : p(p), how(how), what(what), memory(memory), shop(p, what.nodes, how.full_refresh) {}

work::~work() {
    try {
        for (const std::string &node : what.nodes.order())
            if (auto step = steps.find(node); step != steps.end()) {
                if (auto told = warnings_.find(node); told != warnings_.end())
                    step->second.warnings.insert(step->second.warnings.end(), told->second.begin(), told->second.end());
                memory.add(step->second);
            }
        for (const run::step &t : tests)
            memory.add(t);
    } catch (const std::bad_alloc &) { // it is told by what needs memory next
    }
}

work::subject::~subject() {
    try {
        std::vector<pg::told_warning> told = heard_.all();
        std::vector<pg::told_warning> &all = work_.warnings_[node_];
        all.insert(all.end(), told.begin(), told.end());
    } catch (const std::bad_alloc &) { // as above
    }
}

void work::show_progress(const std::string &name) {
    pg::show_progress("baro_transform", at_, what.models.size() + what.seeds.size(), name);
    check_interrupts();
}

void work::begin(const std::string &node) {
    ++at_;
    show_progress(node);
}

void work::attempt(const std::function<void()> &f) const {
    if (how.skip_failures)
        pg::in_subtransaction(f);
    else
        f();
}

bool work::is_fatal(const error &e) const { return !how.skip_failures || e.is_intervention(); }

} // namespace barometre::model::transform
