#include "model/relation/views.h"
#include "model/relation/dependents.h"
#include "model/relation/make.h"
#include "model/state.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/change.h"
#include "registry/compile.h"

namespace barometre::model::relation {

void views_aside::take(const std::string &node, const std::vector<std::string> &columns) {
    const auto views = dependent_views(p_, node, columns);
    for (auto v = views.rbegin(); v != views.rend(); ++v) {
        if (!v->model || took(v->model->name))
            continue;
        kept_.emplace(v->model->name, keepsakes(v->relation));
        drop_relation(v->schema, v->name, v->kind);
    }
}

void views_aside::take_view(const std::string &node) {
    if (took(node))
        return;
    check_views_on(p_, node, ": the view can't get other columns");
    take(node, {});
    const project::model *m = p_.find_model(node);
    kept_.emplace(node, keepsakes(registry::relation_of(p_, node)));
    drop_relation(m->schema, m->relation(), 'v');
}

void views_aside::restore(const std::string &node, char kind, bool same) {
    auto kept = kept_.find(node);
    if (kept == kept_.end())
        return;
    const project::model &m = *p_.find_model(node);
    const char there = pg::relation_kind(m.schema, m.relation()); // a view may have become a table
    const char made = there ? there : kind ? kind : kept->second.kind();
    if (!there) {
        make_view(p_, m, made);
        const pg::oid oid = pg::oid_of(registry::relation_of(p_, node));
        if (!same)
            registry::stamp_change(oid, true);
        write_remade_view(node, oid);
    }
    kept->second.give_back(made);
    kept_.erase(kept);
}

void views_aside::restore_all() {
    for (const std::string &node : nodes_.order())
        restore(node);
}

void publish_view(const project::project &p, const project::model &m, views_aside &aside) {
    const bool is_there = pg::relation_kind(m.schema, m.relation()) == 'v';
    const registry::compiled text = registry::compile_lines(p, m.source, m.file, {.self = &m});
    const std::string statement =
        "CREATE OR REPLACE VIEW " + pg::qualified(m.schema, m.relation()) + " AS\n" + text.sql + "\n";
    try {
        const std::string options = is_there ? options_of(pg::qualified(m.schema, m.relation())) : "";
        pg::in_subtransaction([&] { pg::project_sql(statement); });
        if (!options.empty())
            pg::project_script(options);
    } catch (const error &e) {
        if (!is_there || e.sqlstate != "42P16") // columns were renamed, retyped or removed
            registry::rethrow_for(e, "model \"" + m.name + "\"", m.file, statement, 1, text.lines);
        aside.take_view(m.name);
    }
}

} // namespace barometre::model::relation
