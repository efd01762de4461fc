#include "core/template/render.h"
#include "core/error.h"

#include <algorithm>

namespace barometre::templating {

namespace {

/// One call: ref('x'), source('a', 'b'), config(key='value').
struct call {
    std::string name;
    std::vector<std::string> positional;
    arguments named;
};

/// Reads a template from its beginning to its end, keeping line and column.
class scanner {
public:
    scanner(const std::string &source, const std::string &file) : source_(source), file_(file) {}

    bool at_end() const { return at_ == source_.size(); }
    bool at(const char *text) const { return source_.compare(at_, std::char_traits<char>::length(text), text) == 0; }
    char peek() const { return at_end() ? '\0' : source_[at_]; }
    int line() const { return line_; }

    char take() {
        char c = source_[at_++];
        if (c == '\n') {
            ++line_;
            column_ = 1;
        } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
            ++column_;
        }
        return c;
    }
    void take(int n) {
        while (n-- > 0)
            take();
    }
    void skip_space() {
        while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
            take();
    }

    struct mark {
        int line, column;
    };
    mark here() const { return {line_, column_}; }
    [[noreturn]] void fail(mark where, const std::string &message, const std::string &hint = {}) const {
        throw error(sqlstate::project_invalid,
                    file_ + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + ": " + message, "", hint);
    }

    std::string word() {
        std::string out;
        while (!at_end() && (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '_' || peek() == '.'))
            out += take();
        return out;
    }

    /// A quoted string, a number or a word.
    std::string literal() {
        const mark start = here();
        if (peek() != '\'' && peek() != '"') {
            std::string out = word();
            if (out.empty())
                fail(start, "a quoted name is expected here");
            return out;
        }
        const char quote = take();
        std::string out;
        while (!at_end() && peek() != quote) {
            char c = take();
            if (c == '\\' && !at_end())
                c = take();
            out += c;
        }
        if (at_end())
            fail(start, "the quoted text is never closed");
        take();
        return out;
    }

    /// A literal, or a list of them: ['a', 'b'].
    std::vector<std::string> literals() {
        if (peek() != '[')
            return {literal()};
        const mark start = here();
        std::vector<std::string> out;
        take();
        for (skip_space(); peek() != ']'; skip_space()) {
            if (at_end())
                fail(start, "the list \"[\" is never closed", "Close it with \"]\".");
            out.push_back(literal());
            skip_space();
            if (peek() == ',')
                take();
            else if (!at_end() && peek() != ']')
                fail(here(), "\",\" or \"]\" is expected here");
        }
        take();
        return out;
    }

    call parse_call() {
        call c;
        skip_space();
        const mark start = here();
        c.name = word();
        skip_space();
        if (c.name != "ref" && c.name != "source" && c.name != "config")
            fail(start, "\"" + c.name + "\" is not known here", "Known are ref('model'), source('tap', 'stream') and config(key='value').");
        if (peek() != '(')
            fail(here(), "\"(\" is expected after \"" + c.name + "\"");
        take();
        for (skip_space(); peek() != ')'; skip_space()) {
            if (at_end())
                fail(start, "the call of \"" + c.name + "\" is never closed");
            const mark argument = here();
            bool quoted = peek() == '\'' || peek() == '"';
            std::string value = literal();
            skip_space();
            if (!quoted && peek() == '=') {
                take();
                skip_space();
                c.named[value] = literals();
                skip_space();
            } else if (quoted) {
                c.positional.push_back(value);
            } else {
                fail(argument, "a quoted name is expected here");
            }
            if (peek() == ',')
                take();
            else if (peek() != ')')
                fail(here(), "\",\" or \")\" is expected here");
        }
        take();
        const std::size_t wanted = c.name == "ref" ? 1 : c.name == "source" ? 2 : 0;
        if (c.positional.size() != wanted || (c.name != "config" && !c.named.empty()))
            fail(start, "\"" + c.name + "\" takes " + (wanted == 1 ? "one quoted name" : wanted == 2 ? "two quoted names" : "key='value' pairs only"));
        return c;
    }

private:
    const std::string &source_, &file_;
    std::size_t at_ = 0;
    int line_ = 1, column_ = 1;
};

} // namespace

std::string render(const std::string &source, const std::string &file, callbacks &calls) {
    scanner in(source, file);
    std::string out;
    while (!in.at_end()) {
        const auto start = in.here();
        if (in.at("{#")) {
            in.take(2);
            while (!in.at_end() && !in.at("#}"))
                if (in.take() == '\n')
                    out += '\n'; // so that the lines of the result are those of the source
            if (in.at_end())
                in.fail(start, "the comment \"{#\" is never closed", "Close it with \"#}\".");
            in.take(2);
        } else if (in.at("{%")) {
            in.fail(start, "\"{%\" blocks are not supported", "Write plain SQL, with ref(), source() and config() between \"{{\" and \"}}\".");
        } else if (in.at("{{")) {
            in.take(2);
            call c = in.parse_call();
            in.skip_space();
            if (!in.at("}}"))
                in.fail(start, "\"{{\" is not closed after the call of \"" + c.name + "\"", "Close it with \"}}\".");
            in.take(2);
            calls.line = start.line;
            if (c.name == "ref")
                out += calls.ref(c.positional[0]);
            else if (c.name == "source")
                out += calls.source(c.positional[0], c.positional[1]);
            else
                calls.config(c.named);
            out.append(static_cast<std::size_t>(in.line() - start.line), '\n');
        } else {
            out += in.take();
        }
    }
    return out;
}

references find_references(const std::string &source, const std::string &file) {
    references found;
    callbacks calls;
    auto note = [&](auto &list, const auto &item, const std::string &node) {
        if (std::find(list.begin(), list.end(), item) == list.end()) {
            list.push_back(item);
            found.lines[node] = calls.line;
        }
        return std::string();
    };
    calls.ref = [&](const std::string &name) { return note(found.refs, name, name); };
    calls.source = [&](const std::string &tap, const std::string &stream) {
        return note(found.sources, std::pair(tap, stream), tap + "." + stream);
    };
    calls.config = [&](const arguments &named) {
        for (const auto &[key, values] : named) {
            auto &into = found.config[key];
            if (key != "tags")
                into.clear();
            into.insert(into.end(), values.begin(), values.end());
        }
    };
    render(source, file, calls);
    return found;
}

} // namespace barometre::templating
