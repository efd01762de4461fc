#include "core/graph/selection.h"
#include "core/error.h"
#include "core/graph/wildcard.h"
#include "core/graph/words_of_dbt.h"
#include "core/interrupts.h"
#include "core/name/nearest.h"

#include <algorithm>
#include <string_view>

namespace barometre::graph {

namespace {

using names = std::set<std::string>;
using texts = std::vector<std::string>;

constexpr std::size_t few = 12; // that many names a HINT lists

texts split(const std::string &text, const std::string &separators) {
    texts out;
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != std::string::npos;) {
        std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        out.push_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

std::string quoted(const std::string &text) { return "\"" + text + "\""; }

/// "a", "b" and "c"
std::string listed(const names &all) {
    std::string out;
    std::size_t n = 0;
    for (const std::string &one : all)
        out += (n++ == 0 ? "" : n == all.size() ? " and " : ", ") + quoted(one);
    return out;
}

/// `first`, `first` + separator + second part, and so on.
texts beginnings(const std::string &text, char separator) {
    texts out;
    for (std::size_t at = 0; !text.empty() && at != std::string::npos;) {
        at = text.find(separator, at + 1);
        out.push_back(text.substr(0, at));
    }
    return out;
}

// Methods.

struct method {
    const char *name;
    const char *separator; ///< of the parts of a value, which are matched one by one; or none
    const char *nothing;   ///< the message, before the value
    texts (*values)(const std::string &node, const node_traits &t); ///< that select the node
};

texts unless_empty(const std::string &text) { return text.empty() ? texts{} : texts{text}; }

const method methods[] = {
    {"tag", "", "nothing has the tag ", [](const auto &, const node_traits &t) { return t.tags; }},
    {"path", "/", "no file or folder of a node is called ",
     [](const auto &, const node_traits &t) { return beginnings(t.path, '/'); }},
    {"source", ".", "there is no tap or stream ",
     [](const std::string &node, const node_traits &t) {
         return t.kind == "stream" || t.kind == "source" ? beginnings(node, '.') : texts{};
     }},
    {"resource_type", "", "there is nothing of the type ",
     [](const auto &, const node_traits &t) {
         return t.kind == "stream" ? texts{t.kind, "source"} : unless_empty(t.kind);
     }}, // "source": dbt's word
    {"test_type", "", "there is no test of the type ", [](const auto &, const node_traits &t) { return t.test_types; }},
    {"config.materialized", "", "nothing is materialized as ",
     [](const auto &, const node_traits &t) { return unless_empty(t.materialized); }},
    {"config.schema", "", "nothing is in the schema ",
     [](const auto &, const node_traits &t) { return unless_empty(t.schema); }},
    {"config.tags", "", "nothing has the tag ", [](const auto &, const node_traits &t) { return t.tags; }},
};

const method *find_method(const std::string &name) {
    auto found = std::find_if(std::begin(methods), std::end(methods), [&](const method &m) { return name == m.name; });
    return found == std::end(methods) ? nullptr : found;
}

/// One term: [@][N+][method:]value[+N].
struct term {
    std::string whole;
    bool around = false;
    int up = 0, down = 0; // how far; -1: all the way
    bool has_method = false;
    std::string method, value;
};

term parse_term(const std::string &whole) {
    term t;
    t.whole = t.value = whole;
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    t.around = t.value.starts_with('@');
    if (t.around)
        t.value.erase(0, 1);
    std::size_t digits = 0;
    while (digits < t.value.size() && digits < 6 && is_digit(t.value[digits]))
        ++digits;
    if (digits < t.value.size() && t.value[digits] == '+') {
        t.up = digits ? std::stoi(t.value.substr(0, digits)) : -1;
        t.value.erase(0, digits + 1);
    }
    if (std::size_t plus = t.value.rfind('+'); plus != std::string::npos) {
        const std::string count = t.value.substr(plus + 1);
        if (count.size() < 6 && std::all_of(count.begin(), count.end(), is_digit)) {
            t.down = count.empty() ? -1 : std::stoi(count);
            t.value.erase(plus);
        }
    }
    if (std::size_t colon = t.value.find(':'); colon != std::string::npos) {
        t.has_method = true;
        t.method = t.value.substr(0, colon);
        t.value.erase(0, colon + 1);
    } else if (t.value.find('/') != std::string::npos) { // as in dbt
        t.has_method = true;
        t.method = "path";
    }
    return t;
}

/// Finds what terms name.
class finder {
public:
    /// `what`: the argument in messages
    finder(const dag &nodes, const traits &known, const char *what) : nodes_(nodes), known_(known), what_(what) {}

    names select(const std::string &selection) const {
        names out;
        for (const std::string &unit : split(selection, " \t\r\n\f\v")) {
            check_interrupts();
            if (unit.front() == ',' || unit.back() == ',' || unit.find(",,") != std::string::npos)
                fail(unit, "a comma must stand between two terms",
                     "A comma intersects, and has no space around it; a space unites.");
            const texts parts = split(unit, ",");
            const bool of_tests = std::any_of(parts.begin(), parts.end(), asks_for_tests);
            names common = select_part(parts.front(), of_tests);
            for (std::size_t i = 1; i < parts.size(); ++i) {
                const names chosen = select_part(parts[i], of_tests);
                std::erase_if(common, [&](const std::string &node) { return !chosen.count(node); });
            }
            out.merge(common);
        }
        return out;
    }

private:
    [[noreturn]] void fail(const std::string &whole, const std::string &message, const std::string &hint) const {
        throw error(sqlstate::unknown_name, std::string(what_) + " \"" + whole + "\": " + message, "", hint);
    }

    static bool asks_for_tests(const std::string &part) {
        const term t = parse_term(part);
        return t.method == "test_type" || (t.method == "resource_type" && t.value.ends_with("test"));
    }

    /// `of_tests`: it is intersected with tests, so that what is selected brings its own.
    names select_part(const std::string &part, bool of_tests) const {
        names out = select_term(part);
        if (!of_tests || asks_for_tests(part))
            return out;
        for (const std::string &node : names(out))
            for (const std::string &reader : nodes_.children(node))
                if (const std::string &kind = traits_of(reader).kind; kind == "test" || kind == "unit_test")
                    out.insert(reader);
        return out;
    }

    names select_term(const std::string &whole) const {
        if (whole == "*")
            return nodes_.nodes();
        const term t = parse_term(whole);
        const method *m = find_method(t.method);
        if (!m && t.has_method)
            refuse_method(t);
        if (t.value.empty())
            fail(whole, "the term names nothing", "For example: x, +x, x+, 2+x+1, @x or tag:x.");
        const names found = m ? by_method(*m, t.value) : by_name(t.value);
        if (found.empty())
            refuse(t, m);
        names out = found;
        for (const std::string &node : found) {
            check_interrupts();
            if (t.up != 0)
                out.merge(nodes_.ancestors(node, t.up));
            if (t.down != 0 || t.around)
                out.merge(nodes_.descendants(node, t.around ? -1 : t.down));
        }
        if (t.around)
            for (const std::string &node : names(out))
                out.merge(nodes_.ancestors(node));
        return out;
    }

    const node_traits &traits_of(const std::string &node) const {
        static const node_traits unknown;
        auto found = known_.find(node);
        return found == known_.end() ? unknown : found->second;
    }

    /// A model as dbt's fqn has it, without the project: folder.folder.name
    std::string qualified(const std::string &node) const {
        std::string out = traits_of(node).folder;
        std::replace(out.begin(), out.end(), '/', '.');
        return out.empty() ? node : out + "." + node;
    }

    names by_name(const std::string &value) const {
        if (nodes_.nodes().count(value))
            return {value};
        names out;
        const bool wild = has_wildcard(value);
        for (const std::string &node : nodes_.nodes())
            if (wild && matches(value, node))
                out.insert(node);
        if (!out.empty())
            return out;
        for (const std::string &node : nodes_.nodes()) {
            const std::string full = qualified(node);
            if (wild ? matches(value, full)
                     : full == value || (!value.empty() && full.starts_with(value + ".") && full != node))
                out.insert(node);
        }
        return out;
    }

    names by_method(const method &m, const std::string &value) const {
        texts wanted = split(value, m.separator);
        names out;
        if (*m.separator && value.starts_with(m.separator)) // an absolute path names nothing in the project
            return out;
        if (m.separator == std::string_view("/") && std::erase(wanted, ".") > 0 && wanted.empty())
            wanted = {"**"}; // the project's folder itself
        for (const std::string &node : nodes_.nodes())
            for (const std::string &has : m.values(node, traits_of(node)))
                if (parts_match(wanted, split(has, m.separator)))
                    out.insert(node);
        return out;
    }

    /// All that the method, or a term without one, could name.
    names candidates(const method *m) const {
        names out;
        for (const std::string &node : nodes_.nodes()) {
            if (m) {
                const texts values = m->values(node, traits_of(node));
                out.insert(values.begin(), values.end());
                continue;
            }
            out.insert(node);
            if (const std::string full = qualified(node); full != node)
                for (const std::string &folder : beginnings(full.substr(0, full.size() - node.size() - 1), '.'))
                    out.insert(folder);
        }
        return out;
    }

    [[noreturn]] void refuse_method(const term &t) const {
        if (const std::string instead = instead_of_method(t.method); !instead.empty())
            fail(t.whole, "there is no selection method " + quoted(t.method), instead);
        texts all;
        for (const method &m : methods)
            all.push_back(m.name);
        const std::string near = name::nearest(t.method, all);
        fail(t.whole, "there is no selection method " + quoted(t.method),
             (near.empty() ? "" : "Did you mean " + quoted(near + ":" + t.value) + "? ") + "Known are " +
                 listed({all.begin(), all.end()}) + ".");
    }

    [[noreturn]] void refuse(const term &t, const method *m) const {
        if (const std::string instead = instead_of_option(t.whole); !instead.empty())
            fail(t.whole, "this is an option of a command line, and no selection", instead);
        auto known = known_.find(t.value);
        if (!m && known != known_.end())
            fail(t.whole, quoted(t.value) + " is a " + known->second.kind + ", which cannot be selected here", "");
        fail(t.whole,
             (m                       ? m->nothing
              : has_wildcard(t.value) ? "no model, seed, stream or test is called like "
                                      : "there is no model, seed, stream or test ") +
                 quoted(t.value),
             hint_for(t, m));
    }

    std::string hint_for(const term &t, const method *m) const {
        const std::string prefix = m ? t.method + ":" : "";
        if (has_wildcard(t.value)) { // the edit distance knows none
            std::string better = t.value;
            std::replace(better.begin(), better.end(), '-', '_');
            if (!(m ? by_method(*m, better) : by_name(better)).empty())
                return "Did you mean " + quoted(prefix + better) + "?";
        }
        const names all = candidates(m);
        for (const char *ending : {".sql", ".csv"}) // a file of a node
            if (const std::string stem = t.value.substr(0, t.value.rfind('.'));
                !m && t.value.ends_with(ending) && all.count(stem))
                return "Did you mean " + quoted(stem) + "?";
        // Right for another method: a tap or a tag without its word.
        for (const char *other : {"source", "tag"})
            if (!m && candidates(find_method(other)).count(t.value))
                return "Did you mean " + quoted(std::string(other) + ":" + t.value) + "?";
        if (const std::string near = name::nearest(t.value, {all.begin(), all.end()}); !near.empty())
            return "Did you mean " + quoted(prefix + near) + "?";
        if (all.empty())
            return m ? "Nothing in the project has one: select by name, or with '*'."
                     : "The project has no model, seed, stream or test yet.";
        return all.size() <= few ? "Known are " + listed(all) + "." : "'*' selects everything.";
    }

    const dag &nodes_;
    const traits &known_;
    const char *what_;
};

bool is_blank(const std::string &text) { return split(text, " \t\r\n\f\v").empty(); }

} // namespace

std::set<std::string> select_nodes(const dag &nodes, const traits &known, const std::string &selection) {
    if (is_blank(selection))
        throw error(sqlstate::unknown_name, "the selection is empty", "", "'*' selects everything.");
    names out = finder(nodes, known, "selection").select(selection);
    // Every term names something, unless it is the "*" of a project that has nothing.
    if (out.empty() && !nodes.nodes().empty())
        throw error(sqlstate::unknown_name, "selection \"" + selection + "\" selects nothing", "",
                    "A comma intersects: nothing matches the terms on all sides of it. A space unites.");
    return out;
}

std::set<std::string> select_nodes(const dag &nodes, const traits &known, const std::string &selection,
                                   const std::string &exclude) {
    names out = select_nodes(nodes, known, selection);
    if (is_blank(exclude) || out.empty())
        return out;
    const names excluded = finder(nodes, known, "exclusion").select(exclude);
    std::erase_if(out, [&](const std::string &node) { return excluded.count(node) > 0; });
    if (out.empty())
        throw error(sqlstate::unknown_name,
                    "exclusion \"" + exclude + "\" leaves nothing of selection \"" + selection + "\"", "",
                    "Select more, or exclude less.");
    return out;
}

} // namespace barometre::graph
