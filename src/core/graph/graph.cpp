#include "core/graph/graph.h"
#include "core/error.h"
#include "core/name/column_name.h"

#include <algorithm>

namespace barometre {

namespace {

const std::set<std::string> none;

std::set<std::string> reach(const std::string &from, int depth, const std::map<std::string, std::set<std::string>> &edges) {
    std::set<std::string> seen, level{from};
    for (int d = 0; !level.empty() && d != depth; ++d) {
        std::set<std::string> next;
        for (const std::string &node : level)
            if (auto out = edges.find(node); out != edges.end())
                for (const std::string &other : out->second)
                    if (other != from && seen.insert(other).second)
                        next.insert(other);
        level = std::move(next);
    }
    return seen;
}

} // namespace

void graph::add_node(const std::string &name) { nodes_.insert(name); }

void graph::add_edge(const std::string &from, const std::string &to) {
    nodes_.insert(from);
    nodes_.insert(to);
    parents_[to].insert(from);
    children_[from].insert(to);
}

std::vector<std::string> graph::order() const {
    std::map<std::string, std::size_t> waiting;
    std::set<std::string> ready;
    for (const std::string &node : nodes_) {
        waiting[node] = parents(node).size();
        if (waiting[node] == 0)
            ready.insert(node);
    }
    std::vector<std::string> out;
    while (!ready.empty()) {
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
        for (const std::string &parent : parents(path.back()))
            if (left.count(parent)) {
                path.push_back(parent);
                break;
            }
        auto first = std::find(path.begin(), path.end() - 1, path.back());
        if (first != path.end() - 1) {
            std::string cycle;
            for (auto node = path.rbegin(); node != path.rend() - (first - path.begin()); ++node)
                cycle += (cycle.empty() ? "" : " -> ") + *node;
            throw error(sqlstate::bad_graph, "the models depend on each other in a circle: " + cycle, "",
                        "Remove one of these references.");
        }
    }
}

std::set<std::string> graph::ancestors(const std::string &name, int depth) const { return reach(name, depth, parents_); }
std::set<std::string> graph::descendants(const std::string &name, int depth) const { return reach(name, depth, children_); }

const std::set<std::string> &graph::parents(const std::string &name) const {
    auto found = parents_.find(name);
    return found == parents_.end() ? none : found->second;
}

const std::set<std::string> &graph::children(const std::string &name) const {
    auto found = children_.find(name);
    return found == children_.end() ? none : found->second;
}

namespace {

/// What one term of a selection gives: [N]+name+[N], @name or *.
std::set<std::string> select_term(const graph &nodes, std::string term) {
    if (term == "*")
        return nodes.nodes();
    const std::string whole = term;
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool around = term.starts_with('@');
    if (around)
        term.erase(0, 1);
    int up = 0, down = 0; // how far; -1: all the way
    std::size_t digits = 0;
    while (digits < term.size() && digits < 6 && is_digit(term[digits]))
        ++digits;
    if (digits < term.size() && term[digits] == '+') {
        up = digits ? std::stoi(term.substr(0, digits)) : -1;
        term.erase(0, digits + 1);
    }
    if (std::size_t plus = term.rfind('+'); plus != std::string::npos) {
        const std::string count = term.substr(plus + 1);
        if (count.size() < 6 && std::all_of(count.begin(), count.end(), is_digit)) {
            down = count.empty() ? -1 : std::stoi(count);
            term.erase(plus);
        }
    }
    if (!nodes.nodes().count(term)) {
        const std::string near = nearest_name(term, {nodes.nodes().begin(), nodes.nodes().end()});
        throw error(sqlstate::unknown_name, "selection \"" + whole + "\": there is no model, seed, stream or test \"" + term + "\"", "",
                    near.empty() ? "'*' selects everything." : "Did you mean \"" + near + "\"?");
    }
    std::set<std::string> out{term};
    if (up != 0)
        out.merge(nodes.ancestors(term, up));
    if (down != 0)
        out.merge(nodes.descendants(term, down));
    if (around) {
        out.merge(nodes.descendants(term));
        for (const std::string &node : std::set<std::string>(out))
            out.merge(nodes.ancestors(node));
    }
    return out;
}

std::vector<std::string> split(const std::string &text, const std::string &separators) {
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string::npos;) {
        std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

} // namespace

std::set<std::string> select_nodes(const graph &nodes, const std::string &selection) {
    std::set<std::string> out;
    const auto unions = split(selection, " \t\r\n");
    for (const std::string &term : unions) {
        std::set<std::string> common;
        bool first = true;
        for (const std::string &part : split(term, ",")) {
            std::set<std::string> chosen = select_term(nodes, part);
            if (first)
                common = std::move(chosen);
            else
                std::erase_if(common, [&](const std::string &node) { return !chosen.count(node); });
            first = false;
        }
        out.merge(common);
    }
    if (unions.empty())
        throw error(sqlstate::unknown_name, "the selection is empty", "", "'*' selects everything.");
    return out;
}

} // namespace barometre
