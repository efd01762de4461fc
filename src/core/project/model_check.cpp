#include "core/error.h"
#include "core/project/model_config.h"

#include <map>
#include <optional>

namespace barometre::project {

namespace {

/// Where a key was said for the model itself, and not for a whole folder of models; nothing: nowhere.
std::optional<place> said_for(const model &m, const std::string &key) {
    auto found = m.said_at.find(key);
    return found == m.said_at.end() || found->second.file == "barometre.yml" ? std::nullopt
                                                                             : std::optional(found->second);
}

} // namespace

void check_materialization(const model &m) {
    const std::string what = "model \"" + m.name + "\" is " +
                             (m.is(materialization::ephemeral) || m.is(materialization::incremental) ? "" : "a ") +
                             to_text(m.materialized);
    auto refuse = [&](const std::string &key, bool is_set, const std::string &why, const std::string &hint) {
        if (const auto where = said_for(m, key); where && is_set)
            throw error(sqlstate::project_invalid, where->text() + ": " + what + ", and " + why, "", hint);
    };
    if (m.is(materialization::ephemeral)) {
        const std::string hint = "Remove the key, or materialize the model as view.";
        refuse("volatile", m.is_volatile.has_value(), "is built with those who read it: they are volatile or not",
               "Remove the key, or set it for them.");
        refuse("contract", m.contract_enforced, "has no columns that are published", hint);
        refuse("grants", !m.grants.empty(), "nothing is there to grant", hint);
        refuse("pre_hook", !m.pre_hooks.empty(), "is never built: there is no time for a pre_hook", hint);
        refuse("post_hook", !m.post_hooks.empty(), "is never built: there is no time for a post_hook", hint);
    }
    if (m.is(materialization::ephemeral) || m.is(materialization::view))
        refuse("indexes", !m.indexes.empty(), "has nothing to index",
               "Remove the key, or materialize the model as table or materialized_view.");
    if (m.is(materialization::ephemeral) || m.is(materialization::view))
        refuse("max_deletes", m.max_deletes.has_value(), "has no rows of its own that could go",
               "Remove the key, or materialize the model as table or materialized_view.");
    if (!m.is(materialization::table))
        refuse("publish", m.publish.has_value(), "is not published by changing a table of all its rows",
               "Remove the key, or materialize the model as table.");
    if (!m.is(materialization::incremental))
        return;
    const bool keyed = m.incremental.chosen() != incremental_strategy::append;
    if (keyed == m.incremental.unique_key.empty())
        throw error(sqlstate::project_invalid,
                    m.at("incremental_strategy").text() + ": incremental_strategy " +
                        (keyed ? std::string(m.incremental.chosen() == incremental_strategy::merge ? "merge"
                                                                                                   : "delete+insert") +
                                     " of model \"" + m.name + "\" needs a unique_key"
                               : "append of model \"" + m.name + "\" can't have a unique_key"),
                    keyed ? "" : "Rows are added whether their key is there or not.",
                    keyed ? "Add for example unique_key: [id], or use append." : "Remove one of the two keys.");
}

void check_relations(
    const project &p,
    const std::function<void(const std::string &kind, const relation_node &node, const error &why)> &refused) {
    struct holder {
        std::string what, kind{};
        const relation_node *of = nullptr;
    };
    std::map<std::pair<std::string, std::string>, holder> taken;
    for (const tap &t : p.taps)
        for (const stream &s : t.streams)
            taken[{t.name, s.name}] = {"stream \"" + s.name + "\""};
    const auto take = [&](const relation_node &m, const std::string &kind) {
        const std::string what = kind + " \"" + m.name + "\"";
        const auto [other, fresh] = taken.emplace(std::pair(m.schema, m.relation()), holder{what, kind, &m});
        if (fresh)
            return;
        const error why(sqlstate::project_invalid,
                        m.where(m.alias.empty() ? "schema" : "alias").text() + ": " + what + " becomes " + m.schema +
                            "." + m.relation() + ", as does " + other->second.what,
                        "", "Give one of them another name, alias or schema.");
        refused(kind, m, why);
        if (other->second.of)
            refused(other->second.kind, *other->second.of, why);
    };
    for (const seed &s : p.seeds)
        take(s, "seed");
    for (const model &m : p.models)
        take(m, m.kind());
}

} // namespace barometre::project
