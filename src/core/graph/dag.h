#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace barometre::graph {

/// A directed graph of names: an edge leads from what is read to what reads it.
class dag {
public:
    void add_node(const std::string &name);
    void add_edge(const std::string &from, const std::string &to); ///< adds both nodes

    /// An edge to what comes after `from` and, unless another edge says so, does not read it.
    void add_order(const std::string &from, const std::string &to);
    bool is_read(const std::string &from, const std::string &by) const; ///< by an edge that says more than an order

    /// Every node after all it reads; among equals by name. Throws
    /// barometre::error (bad_graph) that lists one cycle: a -> b -> a.
    std::vector<std::string> order() const;

    std::set<std::string> ancestors(const std::string &name, int depth = -1) const;   ///< without itself; depth -1: all
    std::set<std::string> descendants(const std::string &name, int depth = -1) const; ///< without itself
    const std::set<std::string> &parents(const std::string &name) const;
    const std::set<std::string> &children(const std::string &name) const;
    const std::set<std::string> &nodes() const { return nodes_; }

private:
    std::set<std::string> nodes_;
    std::map<std::string, std::set<std::string>> parents_, children_, only_order_; ///< the last by what comes after
};

} // namespace barometre::graph
