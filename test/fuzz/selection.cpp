// Selections of a graph: what they say together is what they say one by one.

#include "targets.h"

#include "core/error.h"
#include "core/graph/selection.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <optional>

namespace barometre::fuzz {

namespace {

std::optional<std::set<std::string>> selected(const graph::dag &nodes, const graph::traits &known,
                                              const std::string &selection, const std::string &exclude = "") {
    try {
        auto out = graph::select_nodes(nodes, known, selection, exclude);
        for (const std::string &one : out)
            require(nodes.nodes().contains(one), "no node: " + one);
        return out;
    } catch (const error &e) {
        require(e.sqlstate == sqlstate::unknown_name, e.sqlstate + ": " + e.message);
        require(!text::is_utf8(selection + exclude) || (text::is_utf8(e.message) && text::is_utf8(e.hint)),
                "an error that can't be shown");
        return std::nullopt;
    }
}

} // namespace

/// The first bytes are the edges of the graph, the rest are two selections with a line between them.
void selection(std::string_view input) {
    static const std::vector<std::string> names = {"tap_a.logs", "tap_b.logs", "raw",   "clean", "exp_geo",
                                                   "exp_day",    "total",      "check", "lone",  "été"};
    static const std::vector<std::string> kinds = {"stream", "seed", "model", "test", "snapshot"};
    choices choose(input);
    graph::dag nodes;
    graph::traits known;
    for (const std::string &name : names) {
        nodes.add_node(name);
        const std::size_t kind = choose.below(kinds.size());
        known[name] = {kinds[kind], "models/exp/" + name + ".sql", kind == 2 ? "table" : "",
                       "analytics", {kind % 2 ? "daily" : "geo"},  kind == 2 ? "exp/maps" : ""};
    }
    const bool circles = choose.below(4) == 0;
    for (std::size_t left = choose.below(24); left > 0; --left) {
        const std::size_t one = choose.below(names.size()), other = choose.below(names.size());
        if (circles || one != other)
            nodes.add_edge(names[circles ? one : std::min(one, other)], names[circles ? other : std::max(one, other)]);
    }
    try {
        const auto order = nodes.order();
        require(order.size() == names.size(), "not all nodes have a place");
        for (const std::string &name : names)
            for (const std::string &parent : nodes.parents(name))
                require(std::find(order.begin(), order.end(), parent) < std::find(order.begin(), order.end(), name),
                        parent + " comes after " + name);
    } catch (const error &e) {
        require(circles && e.sqlstate == sqlstate::bad_graph, e.sqlstate + ": " + e.message);
    }
    const std::string_view both = choose.rest();
    const std::size_t cut = both.find('\n');
    const std::string one(both.substr(0, cut)), other(cut == both.npos ? "" : both.substr(cut + 1));
    const auto a = selected(nodes, known, one), b = selected(nodes, known, other);
    const auto united = selected(nodes, known, one + " " + other);
    const auto blank = [](const std::string &s) { return s.find_first_not_of(" \t\n\v\f\r") == s.npos; };
    if (a && b && !blank(one) && !blank(other) && one != "*" && other != "*") {
        auto sum = *a;
        sum.insert(b->begin(), b->end());
        require(united == sum, "together they select something else");
    }
    const auto rest = selected(nodes, known, one, other);
    if (a && b && !blank(other)) {
        std::set<std::string> difference;
        std::set_difference(a->begin(), a->end(), b->begin(), b->end(), std::inserter(difference, difference.end()));
        require(difference.empty() ? !rest || rest->empty() : rest == difference, "it excludes something else");
    }
}

} // namespace barometre::fuzz
