#include "core/graph/dag.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::graph {

namespace {

const std::set<std::string> none;

std::set<std::string> reach(const std::string &from, int depth,
                            const std::map<std::string, std::set<std::string>> &edges) {
    std::set<std::string> seen, level{from};
    for (int d = 0; !level.empty() && d != depth; ++d) {
        std::set<std::string> next;
        for (const std::string &node : level)
            if (auto out = edges.find(node); out != edges.end())
                for (const std::string &other : out->second)
                    if (check_interrupts(); other != from && seen.insert(other).second)
                        next.insert(other);
        level = std::move(next);
    }
    return seen;
}

} // namespace

void dag::add_node(const std::string &name) { nodes_.insert(name); }

void dag::add_edge(const std::string &from, const std::string &to) {
    nodes_.insert(from);
    nodes_.insert(to);
    parents_[to].insert(from);
    children_[from].insert(to);
    if (const auto known = only_order_.find(to); known != only_order_.end())
        known->second.erase(from);
}

void dag::add_order(const std::string &from, const std::string &to) {
    if (parents(to).count(from))
        return;
    add_edge(from, to);
    only_order_[to].insert(from);
}

bool dag::is_read(const std::string &from, const std::string &by) const {
    const auto order = only_order_.find(by);
    return parents(by).count(from) && (order == only_order_.end() || !order->second.count(from));
}

std::vector<std::string> dag::order() const {
    std::map<std::string, std::size_t> waiting;
    std::set<std::string> ready;
    for (const std::string &node : nodes_) {
        waiting[node] = parents(node).size();
        if (waiting[node] == 0)
            ready.insert(node);
    }
    std::vector<std::string> out;
    while (!ready.empty()) {
        check_interrupts();
        std::string node = *ready.begin();
        ready.erase(ready.begin());
        out.push_back(node);
        for (const std::string &child : children(node))
            if (--waiting[child] == 0)
                ready.insert(child);
    }
    if (out.size() == nodes_.size())
        return out;
    // Among what is left every node has a parent that is left: going up must meet itself.
    std::set<std::string> left;
    for (const auto &[node, n] : waiting)
        if (n > 0)
            left.insert(node);
    std::vector<std::string> path{*left.begin()};
    for (;;) {
        check_interrupts();
        for (const std::string &parent : parents(path.back()))
            if (left.count(parent)) {
                path.push_back(parent);
                break;
            }
        auto first = std::find(path.begin(), path.end() - 1, path.back());
        if (first != path.end() - 1) {
            std::string cycle;
            for (auto node = path.rbegin(); node != path.rend() - (first - path.begin()); ++node)
                text::append(cycle, *node, " -> ");
            throw error(sqlstate::bad_graph, "the models depend on each other in a circle: " + cycle, "",
                        "Remove one of these references.");
        }
    }
}

std::set<std::string> dag::ancestors(const std::string &name, int depth) const { return reach(name, depth, parents_); }
std::set<std::string> dag::descendants(const std::string &name, int depth) const {
    return reach(name, depth, children_);
}

const std::set<std::string> &dag::parents(const std::string &name) const {
    auto found = parents_.find(name);
    return found == parents_.end() ? none : found->second;
}

const std::set<std::string> &dag::children(const std::string &name) const {
    auto found = children_.find(name);
    return found == children_.end() ? none : found->second;
}

} // namespace barometre::graph
