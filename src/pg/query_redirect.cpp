#include "pg/query_tree.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::pg {

namespace {

struct edit {
    std::size_t begin, end;
    std::string text;
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || IS_HIGHBIT_SET(c) ||
           c == '_' || c == '$' || c == '"' || c == '\'';
}

/// Appends what must not grow together with what is there: FROM"a"."t"WHERE is legal.
void append(std::string &out, std::string_view text) {
    if (!out.empty() && !text.empty() && is_word(out.back()) && is_word(text.front()))
        out += ' ';
    out += text;
}

std::string apply(const std::string &sql, std::vector<edit> edits) {
    std::stable_sort(edits.begin(), edits.end(), [](const edit &a, const edit &b) { return a.begin < b.begin; });
    std::string out;
    std::size_t done = 0;
    for (const edit &e : edits) {
        const std::string_view between(sql.data() + done, e.begin - done);
        if (!between.empty())
            append(out, between);
        append(out, e.text);
        done = e.end;
    }
    append(out, std::string_view(sql).substr(done));
    return out;
}

using targets = std::vector<std::optional<std::string>>;

/// The names of tables that an alias of that name would not stand for alone: their
/// SELECT has another table of the name, or a.t.column means an outer a.t behind
/// the back of an inner t.
std::set<std::string> ambiguous(const parsed_query &parsed, const targets &to) {
    std::map<std::pair<int, std::string>, std::set<std::string>> visible; // by SELECT and name: whose name it is
    for (const auto &other : parsed.other_names)
        visible[other].insert("");
    const auto owner = [&](std::size_t i) { return to[i] ? "to " + *to[i] : "in " + parsed.mentions[i].schema; };
    for (std::size_t i = 0; i < to.size(); ++i)
        if (const mention &m = parsed.mentions[i]; !m.column && !m.has_alias)
            visible[{m.scope, m.name}].insert(owner(i));
    std::set<std::string> names;
    for (std::size_t i = 0; i < to.size(); ++i) {
        const mention &m = parsed.mentions[i];
        if (!to[i] || (!m.column && m.has_alias))
            continue;
        int scope = m.scope; // a column may be of a SELECT further out
        while (scope >= 0 && m.column && !visible.contains({scope, m.name}))
            scope = parsed.scopes.at(scope);
        if (scope >= 0 && visible[{scope, m.name}] != std::set<std::string>{owner(i)})
            names.insert(m.name);
    }
    return names;
}

} // namespace

std::string redirect(const std::string &sql, const parsed_query &parsed,
                     const std::function<std::optional<std::string>(const mention &)> &to) {
    targets names;
    for (const mention &m : parsed.mentions)
        names.push_back(to(m));
    const std::set<std::string> avoided = ambiguous(parsed, names);
    std::map<std::string, std::string> aliases; // of tables whose name is to be avoided, by their new name

    std::vector<edit> edits;
    for (std::size_t i = 0; i < parsed.mentions.size(); ++i) {
        const mention &m = parsed.mentions[i];
        if (!names[i])
            continue;
        std::string alias = quote_identifier(m.name);
        if (avoided.contains(m.name) && (m.column || !m.has_alias)) {
            // name.column would need to know which of them is meant.
            if (parsed.short_names.contains(m.name))
                detail::refuse(sql, "the query has several tables of the same name and no aliases to tell them apart",
                               static_cast<int>(m.begin), "Give each an alias of its own, and name columns by it.");
            alias = aliases.try_emplace(*names[i], "\"barometre~" + std::to_string(aliases.size() + 1) + "\"")
                        .first->second;
        }
        std::string text = m.column ? alias : *names[i];
        // Lines keep their numbers when the name was written on several.
        const auto lines = std::count(sql.begin() + m.begin, sql.begin() + m.end, '\n');
        const auto lines_now = std::count(text.begin(), text.end(), '\n');
        if (lines > lines_now)
            text.append(lines - lines_now, '\n');
        edits.push_back({m.begin, m.end, std::move(text)});
        for (const std::size_t at : m.inheritance) // what stands for it may be a query, and has no children
            edits.push_back({at, at + (sql[at] == '(' || sql[at] == ')' || sql[at] == '*' ? 1 : 4), ""});
        if (m.table_word) // TABLE x takes no alias
            edits.push_back({*m.table_word, *m.table_word + 5, "SELECT * FROM"});
        if (!m.column && !m.has_alias)
            edits.push_back({m.alias_at, m.alias_at, " AS " + alias});
    }
    return apply(sql, std::move(edits));
}

} // namespace barometre::pg
