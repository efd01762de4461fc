#include "model/hooks.h"
#include "registry/compile.h"

namespace barometre::model {

void run_hooks(const project::project &p, const project::model &m, const std::vector<project::hook> &hooks, const char *kind, bool incremental) {
    for (const project::hook &h : hooks) {
        // So that lines are counted from the beginning of the file.
        const std::string source = std::string(static_cast<std::size_t>(std::max(h.at.line - 1, 0)), '\n') + h.source;
        const compiled text = compile_lines(p, source, h.at.file, {.incremental = incremental, .inlined = false, .self = &m});
        if (text.sql.find_first_not_of(" \t\r\n") == std::string::npos) // a template that leaves nothing
            continue;
        try {
            pg::script(text.sql);
        } catch (const error &e) {
            rethrow_for(e, std::string(kind) + " of model \"" + m.name + "\"", e.query_position > 0 ? h.at.file : h.at.text(), text.sql, 0, text.lines);
        }
    }
}

} // namespace barometre::model
