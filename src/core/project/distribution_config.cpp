#include "core/project/distribution_config.h"
#include "core/name/nearest.h"
#include "core/text/text.h"

#include <algorithm>
#include <map>

namespace barometre::project {

void read_distribution(yaml_map &map, const std::function<std::string(const std::string &)> &key, distribution &d) {
    const std::string by = key("distributed_by"), beside = key("colocate_with"), reference = key("reference");
    if (!reference.empty()) {
        d.reference = map.boolean(reference, false);
        d.at = map.at(reference);
        if (d.reference && by.empty())
            d.by.clear();
        if (d.reference && beside.empty())
            d.beside.clear();
    }
    if (!by.empty()) {
        d.by = map.text(by);
        d.at = map.at(by);
        if (reference.empty())
            d.reference = false;
        if (d.by.empty())
            d.beside.clear();
    }
    if (!beside.empty()) {
        d.beside = map.text(beside);
        d.beside_at = map.at(beside);
    }
}

bool is_of_distribution(const std::string &setting) {
    return setting == "distributed_by" || setting == "colocate_with" || setting == "reference";
}

namespace {

/// A table of the project that may be spread, and what its rows are told apart by.
struct spread_table {
    std::string kind, node;
    distribution *is;
    std::string schema, relation;
    bool is_before_models; ///< it is made when no model is
    struct key {
        std::string what; ///< as a sentence has it: its unique_key
        std::vector<std::string> columns;
        bool has_all = false; ///< they are all columns of the table, and no key
    };
    std::vector<key> keys{};

    std::string what() const { return kind + " \"" + node + "\""; }
};

/// Whether a key was said for a whole folder, or for all streams, and not for this one.
bool is_for_many(const place &said) { return said.file == "barometre.yml" || said.file.ends_with("dbt_project.yml"); }

bool has_rows(const model &m) {
    return !m.is(materialization::view) && !m.is(materialization::materialized_view) &&
           !m.is(materialization::ephemeral);
}

spread_table table_of(stream &s, const distribution &of_tap) {
    distribution &d = s.spread;
    const std::string node = s.tap + "." + s.name;
    if (d.beside == node && d.beside_at == of_tap.beside_at)
        d.beside.clear();
    spread_table out{"stream", node, &d, s.tap, s.name, true};
    if (!s.key_properties.empty())
        out.keys.push_back({"key_properties", s.key_properties});
    return out;
}

spread_table table_of(seed &s, const std::string &schema) {
    distribution &d = s.spread;
    if (d.beside == s.name && d.beside_at.file.ends_with("dbt_project.yml"))
        d.beside.clear();
    return {"seed", s.name, &d, s.schema.empty() ? schema : s.schema, s.relation(), true};
}

spread_table table_of(model &m) {
    distribution &d = m.spread;
    if (d.beside == m.name && is_for_many(d.beside_at))
        d.beside.clear();
    if (!has_rows(m) && is_for_many(d.at))
        d = {};
    spread_table out{m.kind(), m.name, &d, m.schema, m.relation(), false};
    const auto &key = m.is_snapshot() ? m.snapshot.unique_key : m.incremental.unique_key;
    if (!key.empty())
        out.keys.push_back({"its unique_key", key});
    for (const index_config &index : m.indexes)
        if (index.unique)
            out.keys.push_back({"its unique index (" + text::join(index.columns, ", ") + ")", index.columns});
    if (m.contract_enforced && !m.columns.empty()) {
        spread_table::key all{"the columns of its contract", {}, true};
        for (const column &c : m.columns)
            all.columns.push_back(c.name);
        out.keys.push_back(std::move(all));
    }
    return out;
}

/// All tables of a project as they say that they are spread.
class spreading {
public:
    using refused_by = std::function<void(const std::string &, const std::string &, const place &, const error &)>;

    spreading(project &p, const refused_by &refused) : p_(p), refused_(refused) {
        for (tap &t : p.taps)
            for (stream &s : t.streams)
                add(table_of(s, t.settings.spread));
        for (seed &s : p.seeds)
            add(table_of(s, p.schema));
        for (model &m : p.models) {
            if (!has_rows(m) && m.spread.is_said() && !is_for_many(m.spread.at))
                refuse({m.kind(), m.name, &m.spread, "", "", false}, m.spread.at,
                       "is " + std::string(m.is(materialization::ephemeral) ? "" : "a ") + to_text(m.materialized) +
                           ", and only tables are distributed",
                       "", "Remove the key, or materialize the model as table.");
            else
                add(table_of(m));
        }
    }

    void settle() {
        for (auto &[node, table] : tables_) {
            check_keys(table);
            if (!table.is->beside.empty())
                settle_beside(table);
        }
        for (tap &t : p_.taps) // of streams that are found later
            if (const auto other = tables_.find(t.settings.spread.beside); other != tables_.end())
                place_beside(t.settings.spread, other->second);
    }

private:
    void add(spread_table t) {
        const std::string node = t.node;
        tables_.emplace(node, std::move(t));
    }

    void refuse(const spread_table &t, const place &at, const std::string &what, const std::string &detail,
                const std::string &hint) const {
        const error why(sqlstate::project_invalid, at.text() + ": " + t.what() + " " + what, detail, hint);
        if (!t.is->fault)
            t.is->fault = why;
        refused_(t.kind, t.node, at, why);
    }

    void check_keys(const spread_table &t) const {
        const distribution &d = *t.is;
        if (d.reference && !d.by.empty())
            refuse(t, d.at, "has both \"distributed_by\" and \"reference\"",
                   "The rows of a reference table are at every node, and none is chosen by a column.",
                   "Remove one of the two keys.");
        if (d.by.empty() && !d.beside.empty())
            refuse(t, d.beside_at, "has \"colocate_with\" and no \"distributed_by\"",
                   d.reference ? "The rows of a reference table are at every node." : "",
                   d.reference ? "Remove the key \"colocate_with\"."
                               : "Add distributed_by: the column whose equal values are to be at the same node, or "
                                 "remove the key.");
        if (d.by.empty())
            return;
        for (const spread_table::key &key : t.keys) {
            if (text::contains(key.columns, d.by))
                continue;
            const std::string near = name::nearest(d.by, key.columns);
            const std::string what =
                "is distributed by \"" + d.by + "\", which is " + (key.has_all ? "none of " : "no part of ") + key.what;
            if (key.has_all)
                refuse(t, d.at, what, "", near.empty() ? "" : "Did you mean \"" + near + "\"?");
            else
                refuse(t, d.at, what,
                       "Each node can see to it alone that a key is there once only if the column is part of it.",
                       near.empty() || key.columns.size() > 1
                           ? "Distribute it by " + std::string(key.columns.size() > 1 ? "one of " : "") +
                                 joined(key.columns) + ", or add the column to the key."
                           : "Did you mean \"" + near + "\"?");
        }
    }

    void settle_beside(const spread_table &t) {
        distribution &d = *t.is;
        const std::string what = "is to lie beside \"" + d.beside + "\", which ";
        const auto other = tables_.find(d.beside);
        if (d.beside == t.node)
            return refuse(t, d.beside_at, "is to lie beside itself", "", "Remove the key \"colocate_with\".");
        if (other == tables_.end())
            return place_beside_discovered(d) ? void() : refuse_unknown(t, what);
        const spread_table &o = other->second;
        if (o.is->by.empty())
            return refuse(t, d.beside_at, what + "is not distributed by a column",
                          o.is->reference ? "It is a reference table, whose rows are at every node: all tables lie "
                                            "beside it."
                                          : "",
                          o.is->reference ? "Remove the key \"colocate_with\"."
                                          : "Add distributed_by to " + o.what() + ", or remove \"colocate_with\".");
        if (t.is_before_models && !o.is_before_models)
            return refuse(t, d.beside_at, what + "is a " + o.kind,
                          "Streams and seeds are loaded before models are built, and don't depend on them.",
                          "Say it the other way round, of " + o.what() + ": colocate_with: " + t.node + ".");
        std::string circle = t.node;
        std::set<std::string> seen;
        for (const spread_table *at = &o; seen.insert(at->node).second;) {
            circle += " -> " + at->node;
            if (at->node == t.node)
                return refuse(t, d.beside_at, "is to lie beside itself, by way of others", "They are " + circle + ".",
                              "Remove \"colocate_with\" of one of them: the others may name that one.");
            const auto next = tables_.find(at->is->beside);
            if (next == tables_.end())
                break;
            at = &next->second;
        }
        place_beside(d, o);
    }

    /// Beside a stream that no file told of yet, but may.
    bool place_beside_discovered(distribution &d) const {
        const std::size_t dot = d.beside.find('.');
        const tap *of = dot == std::string::npos ? nullptr : p_.find_tap(d.beside.substr(0, dot));
        if (!of || !of->discovers || of->settings.spread.by.empty())
            return false;
        d.beside_schema = of->name;
        d.beside_relation = d.beside.substr(dot + 1);
        return true;
    }

    void refuse_unknown(const spread_table &t, const std::string &what) const {
        const distribution &d = *t.is;
        if (const relation_node *off = p_.find_disabled(d.beside))
            return refuse(t, d.beside_at, what + "is disabled",
                          "It is disabled in " + off->where("enabled").text() + ".",
                          "Enable it, or remove \"colocate_with\".");
        if (p_.find_model(d.beside)) // what was refused for itself
            return refuse(t, d.beside_at, what + "is not distributed by a column", "",
                          "Materialize it as table, or remove \"colocate_with\".");
        std::vector<std::string> known;
        for (const auto &[node, table] : tables_)
            known.push_back(node);
        const std::string near = name::nearest(d.beside, known);
        refuse(t, d.beside_at, what + "the project does not have", "",
               near.empty() ? "Name a stream as tap.stream, or a model or seed." : "Did you mean \"" + near + "\"?");
    }

    static void place_beside(distribution &d, const spread_table &other) {
        d.beside_schema = other.schema;
        d.beside_relation = other.relation;
    }

    project &p_;
    const refused_by &refused_;
    std::map<std::string, spread_table> tables_; ///< by node
};

} // namespace

void settle_distributions(
    project &p,
    const std::function<void(const std::string &, const std::string &, const place &, const error &)> &refused) {
    spreading(p, refused).settle();
}

} // namespace barometre::project
