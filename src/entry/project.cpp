#include "core/text/text.h"
#include "pg/entry.h"
#include "registry/registry.h"

namespace barometre::entry {

namespace {

std::string folded_name(const std::string &name) { return text::fold(name, 24); }

pg::table load_project(const pg::arguments &given) {
    const std::string path = given.text(0);
    const auto loaded =
        registry::load_project({.path = path.empty() ? std::nullopt : std::optional(path), .takes = true});
    pg::table rows;
    for (const auto &c : loaded.changes)
        rows.push_back({c.kind, folded_name(c.name), c.change, pg::cell(), pg::cell()});
    const project::findings &found = *loaded.definition.found;
    for (const project::note &n : found.notes)
        rows.push_back({n.kind, folded_name(n.name), n.change, text::fold(n.at.text(), 18),
                        n.detail.empty() ? pg::cell() : pg::cell(text::fold(n.detail, 26))});
    for (const project::problem &one : found.problems) {
        std::string detail = one.message();
        for (const std::string &more : {one.why.detail, one.why.hint})
            text::append(detail, more, "\n");
        rows.push_back(
            {one.kind, folded_name(one.name), "refused", text::fold(one.at.text(), 18), text::fold(detail, 26)});
    }
    return rows;
}

} // namespace

BARO_WRITES(barometre_load_project, load_project)

} // namespace barometre::entry
