#pragma once

#include "core/project/project.h"
#include "pg/query.h"

namespace barometre::model {

/// One thing that a model's result depends on.
struct input {
    std::string kind; ///< relation: a table that is stamped by those who write it; stamped: by a trigger; view, function
    Oid object;
    std::string hash; ///< of a view's or function's definition
};

struct model_inputs {
    std::vector<input> all;
    std::string always;               ///< why the model is stale at each call; empty: it isn't
    std::set<std::string> read_by_functions; ///< nodes that a function may read, by itself, in their published version
};

/// What tables mean for a run: the nodes of the project by the OID of their published table or view and, while some are
/// built, of the private ones.
using node_oids = std::map<Oid, std::string>;

/// The OIDs of the nodes whose table or view exists.
std::map<std::string, Oid> find_nodes(const project::project &p);

/// Judges what the server says of models' queries; keeps what it learnt of functions for the next model.
class input_reader {
public:
    explicit input_reader(const project::project &p) : p_(p) {}

    /// `oids` of the project's nodes; `published` gives the OID that a node's readers know.
    model_inputs read(const project::model &m, const pg::analyzed_query &query, bool reads_clock, const node_oids &oids,
                      const std::function<Oid(const std::string &node)> &published);

private:
    struct function;
    const function &learn(Oid oid);
    void learn_all(const std::vector<Oid> &oids);

    const project::project &p_;
    std::map<Oid, std::shared_ptr<function>> functions_;
};

/// SQL for the hash of a view's or function's definition, given its OID.
extern const char *const view_hash, *const function_hash;

} // namespace barometre::model
