#include "core/jinja/render.h"
#include "core/jinja/evaluate.h"

namespace barometre::jinja {

rendered render_lines(const std::string &source, const std::string &file, callbacks &calls, int first_line) {
    const parsed whole = parse(source, file, false, first_line);
    return evaluator(calls).run(whole);
}

std::string render(const std::string &source, const std::string &file, callbacks &calls) {
    const parsed whole = parse(source, file, true);
    return evaluator(calls).run(whole).text;
}

rendered render_macro(const std::string &name, const std::map<std::string, value> &named, callbacks &calls) {
    return evaluator(calls).call_macro(name, named);
}

} // namespace barometre::jinja
