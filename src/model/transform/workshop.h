#pragma once

#include "core/graph/dag.h"
#include "model/inputs.h"
#include "pg/query.h"
#include "pg/relations.h"
#include "registry/compile.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// The private tables and views of one run, and the SQL that reads them instead of the published ones.
class workshop {
public:
    /// `full_refresh`: what templates are told of it.
    workshop(const project::project &p, const graph::dag &nodes, bool full_refresh = false)
        : p_(p), nodes_(nodes), full_refresh_(full_refresh) {}

    /// A name that nothing else has, however long the node's is.
    std::string new_name();

    /// From now on `node` is read in `schema`.`name`, of kind 'r' or 'v', which is dropped in the end.
    void place(const std::string &node, const std::string &schema, const std::string &name, char kind);
    /// What else was made of a node, which is dropped in the end: a table that its private relation reads.
    void keep(const std::string &node, const std::string &schema, const std::string &name);
    /// Makes a private table without rows, of the columns of a relation of the node's, and keeps it; gives its name.
    std::string make_empty(const std::string &node, const std::string &schema, const std::string &like);
    /// Drops the private relation of a node, which is read where it is published again.
    void give_back(const std::string &node);
    bool has(const std::string &node) const;
    /// The name of a node's private relation, in the schema of the node; of one that has none, nothing.
    std::optional<std::string> name_of(const std::string &node) const;
    /// The nodes by the OIDs of their private relations.
    const node_oids &oids() const { return oids_; }

    /// The SQL of a model, which may ask for columns of relations that are built.
    registry::compiled compile(const project::model &m, bool incremental = false);
    /// What is compared from one run to the next: the same without regard to a full refresh.
    std::string compared(const project::model &m, bool incremental);
    registry::compiling how(bool incremental = false);

    /// `sql` reading the private relations of the nodes that have one. Views of the project that lie between get a
    /// private twin.
    std::string resolve(const std::string &sql);

    /// `sql`, which gives the columns `result`, with the columns in the order of a published relation: its readers
    /// see them so, whether they are built with it or later. `only`: without those that it doesn't have.
    static std::string in_order(const std::string &sql, const std::vector<pg::result_column> &result,
                                const std::vector<pg::table_column> &published, bool only);

    std::size_t mark() const { return made_.size(); }
    void undone(std::size_t mark); ///< what was made since was rolled back
    void clear();                  ///< drops everything
    void clear_views();            ///< drops the views, which hang on the tables

private:
    void ensure_view(const std::string &node);

    struct made {
        std::string node; ///< empty: nobody reads it by a node's name
        std::string schema, name;
        char kind;
    };
    const made *find(const std::string &node) const;
    void drop(std::size_t n);

    const project::project &p_;
    const graph::dag &nodes_;
    bool full_refresh_;
    std::vector<made> made_;
    node_oids oids_;
    int count_ = 0;
};

} // namespace barometre::model::transform
