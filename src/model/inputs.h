#pragma once

#include "core/project/project.h"
#include "pg/query.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace barometre::model {

/// One thing that a model's result depends on.
struct input {
    std::string
        kind; ///< relation: a table or view of the project; stamped: another one, by a trigger; view, function; self
    pg::oid object;
    std::string name; ///< for people; of a relation: the node, whose OID is known when all is published
    std::string hash; ///< of a view's or function's definition; of tables it is found when all is published
};

struct model_inputs {
    std::vector<input> all;
    std::string always; ///< why the model is stale at each call; empty: it isn't
    std::map<std::string, std::string>
        published; ///< nodes that are read as readers know them, not as they are built, and through what
};

/// Nodes by OIDs of tables and views.
using node_oids = std::map<pg::oid, std::string>;

/// The OIDs of the nodes whose table or view exists.
std::map<std::string, pg::oid> find_nodes(const project::project &p);
std::map<std::string, pg::oid> find_seeds(const project::project &p); ///< of those alone

/// Judges what the server says of models' queries; keeps what it learnt of functions for the next model.
class input_reader {
public:
    /// `made`: the private relations of the run, `published`: what readers know.
    model_inputs read(const project::model &m, const pg::analyzed_query &query, bool reads_clock, const node_oids &made,
                      const node_oids &published);

    /// The streams of the project, the same at each call, that no load of barometre's ever filled: if their tables are
    /// there, others write them.
    const std::set<std::string> &foreign_streams(const project::project &p);

private:
    struct function;
    void learn(const std::vector<pg::oid> &oids);
    void look_into(pg::oid oid, function &f);
    struct wordless {
        pg::oid function;
        std::string sign, type; ///< of an operator; of a cast that must be asked for: its target's name
    };
    const std::vector<wordless> &find_wordless();

    std::optional<std::vector<wordless>> wordless_;
    std::optional<std::set<std::string>> foreign_;
    std::map<pg::oid, std::shared_ptr<function>> functions_;
};

} // namespace barometre::model
