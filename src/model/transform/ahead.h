#pragma once

#include "model/transform/build_model.h"
#include "model/transform/work.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace barometre::model::transform {

/// Models whose queries are much work are computed several at a time, as many as barometre.threads says: when the first
/// of them is built, so are the rows of those that come after it and read nothing that is yet to be built, by parallel
/// workers of the server. They wait in private tables for the turn of their models, which finds all else out as ever.
/// Where something goes wrong that way, the models are computed in their turn: what there is to say is said then.
class rows_ahead {
public:
    /// `is_due`: whether a model whose inputs are built is to be built itself.
    rows_ahead(work &w, const built &b, std::function<bool(const project::model &)> is_due);

    /// The rows of the query of a model in its turn, which is `sql` in the end. Nothing: it is to be run.
    std::optional<computed> of(const relation::candidate &c, const std::string &sql);
    /// The models whose rows wait. Their turn may come before that of others: what reads several of them is ready
    /// earlier.
    std::vector<std::string> waiting_models() const;
    void undone(const std::string &model); ///< what was done in the turn of a model was rolled back
    void over(const std::string &model);   ///< the turn of a model is over

private:
    struct planned {
        relation::candidate c;
        std::string sql;
        double work = 0; ///< as the planner expects
        std::string table = {};
    };
    struct waiting {
        std::string sql, create; ///< what it was made by
        computed rows;
        std::string by; ///< the model in whose turn it was made
        bool is_taken = false;
    };
    std::optional<planned> plan(const project::model &m);
    void add_others(std::vector<planned> &wave);
    bool compute(std::vector<planned> &wave);

    work &w_;
    const built &b_;
    const std::function<bool(const project::model &)> is_due_;
    std::vector<std::string> order_; ///< of all nodes; empty: nothing was much work so far
    bool may_;                       ///< there is nothing against it in this call
    std::map<std::string, waiting> made_;
    std::set<std::string> over_;
    std::set<std::string> left_; ///< looked at, and better computed in their turn
};

} // namespace barometre::model::transform
