#include "registry/blocked.h"
#include "core/error.h"
#include "core/text/text.h"
#include "pg/messages.h"

namespace barometre::registry {

namespace {

constexpr char where_to_look[] = "SELECT * FROM barometre.problems;  shows what is wrong, and where.";

} // namespace

void require_models(const project::project &p) {
    if (p.blocks_all)
        throw *p.blocks_all;
}

void refuse_blocked(const project::project &p, const std::string &node) {
    if (const project::blocked_node *b = p.find_blocked(node))
        throw error(sqlstate::project_invalid, b->kind + " \"" + b->name + "\" can't be used: " + b->why, "",
                    where_to_look);
}

std::set<std::string> tell_blocked(const project::project &p, const std::set<std::string> &selected) {
    std::set<std::string> out;
    std::string causes;
    std::size_t named = 0;
    for (const project::blocked_node &b : p.blocked) {
        if (!selected.count(b.name))
            continue;
        out.insert(b.name);
        if (named < 5)
            text::append(causes, b.kind + " \"" + b.name + "\": " + b.why, "\n");
        ++named;
    }
    if (named > 5)
        text::append(causes, "and " + std::to_string(named - 5) + " more", "\n");
    if (!out.empty())
        pg::warning(std::to_string(out.size()) + " of what is selected can't be used, and " +
                        (out.size() == 1 ? "is" : "are") + " left out",
                    where_to_look, causes);
    return out;
}

} // namespace barometre::registry
