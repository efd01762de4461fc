#include "model/transform/omissions.h"
#include "registry/compile.h"
#include "run/record.h"

#include <algorithm>

namespace barometre::model::transform {

std::size_t omissions::count_failed() const {
    return static_cast<std::size_t>(
        std::count_if(why.begin(), why.end(), [&](const auto &one) { return failed.count(one.first) > 0; }));
}

void leave_out(work &w, const std::vector<relation::candidate> &built, omissions &out, const std::string &node,
               const std::string &why) {
    std::set<std::string> nodes, open{node};
    while (!open.empty()) {
        const std::string at = *open.begin();
        open.erase(open.begin());
        const project::model *v = w.p.find_model(at);
        if (w.p.find_source(at)) // those who read it
            for (const std::string &reader : w.what.nodes.children(at))
                if (!nodes.count(reader))
                    open.insert(reader);
        const bool view = v && v->is(project::materialization::view);
        if (v && v->is(project::materialization::ephemeral)) // it is in those who read it
            open.insert(w.what.all.children(at).begin(), w.what.all.children(at).end());
        const bool was_built =
            std::any_of(built.begin(), built.end(), [&](const relation::candidate &c) { return c.node == at; });
        if (!was_built && !view)
            continue;
        out.failed.insert(at);
        nodes.insert(at);
        nodes.merge(w.what.nodes.descendants(at));
        if (view) // it fails because of what it shows
            open.insert(w.what.nodes.parents(at).begin(), w.what.nodes.parents(at).end());
    }
    for (const relation::candidate &c : built) {
        if (!nodes.count(c.node))
            continue;
        run::step &step = w.steps.at(c.node);
        step.status = out.failed.count(c.node) ? "failed" : "skipped";
        step.why = why;
        out.why.emplace(c.node, why);
    }
}

bool is_there(const work &w, const omissions &out, const std::string &node) {
    return !out.has(node) && (w.shop.has(node) || registry::node_exists(w.p, node));
}

} // namespace barometre::model::transform
