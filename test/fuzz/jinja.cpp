// Whatever is in a template, it is rendered or is an error with its place.

#include "template_calls.h"

#include "targets.h"

#include "core/error.h"
#include "core/jinja/render.h"
#include "core/jinja/snapshot_blocks.h"
#include "core/text/utf8.h"

#include <algorithm>

namespace barometre::fuzz {

jinja::callbacks template_calls() {
    static const auto library = [] {
        auto made = std::make_shared<jinja::macro_library>();
        made->add(
            "{% macro helper(a, other=none) %}<{{ a }}{% if other is not none %}{{ helper(other) }}{% endif %}>{% "
            "endmacro %}",
            "macros/m.sql");
        return made;
    }();
    jinja::callbacks calls;
    calls.ref = [](const std::string &name) { return jinja::relation("\"d\".\"s\".\"" + name + "\""); };
    calls.source = [](const std::string &tap, const std::string &stream) { return tap + "." + stream; };
    calls.config = [](const auto &) {};
    calls.columns = [](const auto &) {
        return std::vector<jinja::relation_column>{{"x", "text"}, {"y", "varchar(3)"}};
    };
    calls.macros = library;
    calls.self = jinja::relation("s.t");
    calls.limits = {.bytes = 1 << 20, .steps = 20'000, .output = 1 << 16};
    jinja::dict d;
    d.set("a", 1);
    d.set("b", "two");
    calls.names = {{"xs", jinja::list{1, 2, 3}}, {"n", 5}, {"s", "héllo"}, {"d", std::move(d)}, {"q", jinja::list{}}};
    return calls;
}

namespace {

/// Runs it, and looks at the error if it is one.
template <class Work> void or_error(std::string_view source, Work work) {
    try {
        work();
    } catch (const error &e) {
        require(e.sqlstate == sqlstate::project_invalid, e.sqlstate + ": " + e.message);
        require(e.message.starts_with("m.sql:") || e.message.starts_with("macros/m.sql:"), "no place: " + e.message);
        for (const std::string &said : {e.message, e.detail, e.hint})
            require(!text::is_utf8(source) || text::is_utf8(said), "an error that can't be shown: " + shown(said));
    }
}

} // namespace

void jinja(std::string_view input) {
    const std::string source(input);
    jinja::callbacks calls = template_calls();
    or_error(source, [&] {
        const auto result = jinja::render_lines(source, "m.sql", calls);
        require(result.lines.size() == 1u + std::size_t(std::count(result.text.begin(), result.text.end(), '\n')),
                "a line of the result is of no line of the source");
        const int last = 1 + static_cast<int>(std::count_if(source.begin(), source.end(),
                                                            [](char c) { return c == '\n' || c == '\r'; }));
        for (const int line : result.lines)
            require(line >= 1 && line <= last, "line " + std::to_string(line) + " of " + std::to_string(last));
        if (text::is_utf8(source))
            require(text::is_utf8(result.text), "the result is no text: " + shown(result.text));
    });
    or_error(source, [&] { jinja::render(source, "m.sql", calls); });
    or_error(source, [&] { jinja::find_references(source, "m.sql", calls); });
    or_error(source, [&] {
        jinja::macro_library own;
        own.add(source, "m.sql");
        for (const std::string &name : own.names())
            own.signature(name);
    });
    or_error(source, [&] {
        for (const auto &block : jinja::snapshot_blocks(source, "m.sql"))
            or_error(source, [&] { jinja::find_references(block.source, "m.sql", calls); });
    });
    jinja::is_reference(source);
}

} // namespace barometre::fuzz
