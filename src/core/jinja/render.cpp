#include "core/jinja/render.h"
#include "core/jinja/evaluate.h"

#include <algorithm>
#include <set>

namespace barometre::jinja {

namespace {

void note(std::vector<std::string> &list, const std::string &item) {
    if (std::find(list.begin(), list.end(), item) == list.end())
        list.push_back(item);
}

} // namespace

void macro_library::add(const std::string &source, const std::string &file) {
    auto whole = std::make_shared<const parsed>(parse(source, file));
    for (const node &n : whole->root.kids) {
        if (n.what == node::kind::data)
            continue;
        if (n.what != node::kind::macro)
            fail(n.at, "a file of macros can have nothing but macros",
                 "Put it between \"{% macro name() %}\" and \"{% endmacro %}\".");
        const std::vector<std::string> &given = given_names();
        if (std::find(given.begin(), given.end(), n.text) != given.end())
            fail(n.at, "the macro \"" + n.text + "\" has the name of something else", "Rename it.");
        if (auto [other, added] = macros_.try_emplace(n.text, &n); !added)
            fail(n.at, "the macro \"" + n.text + "\" is there twice",
                 "The other is in " + *other->second->at.file + ", line " + std::to_string(other->second->at.line) +
                     ".");
    }
    files_.push_back(std::move(whole));
}

const node *macro_library::find(const std::string &name) const {
    auto found = macros_.find(name);
    return found == macros_.end() ? nullptr : found->second;
}

std::vector<std::string> macro_library::names() const {
    std::vector<std::string> out;
    for (const auto &one : macros_)
        out.push_back(one.first);
    return out;
}

std::optional<macro_signature> macro_library::signature(const std::string &name) const {
    const node *found = find(name);
    if (!found)
        return std::nullopt;
    return macro_signature{found->names, found->names.size() - (found->kids.size() - 1), *found->at.file,
                           found->at.line};
}

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

references find_references(const std::string &source, const std::string &file, const callbacks &context) {
    const parsed whole = parse(source, file);
    references found;
    callbacks calls = context;
    bool first = true;
    calls.ref = [&](const std::string &name) {
        note(found.refs, name);
        found.lines.try_emplace(name, calls.line);
        return relation(name);
    };
    calls.source = [&](const std::string &tap, const std::string &stream) {
        const std::pair<std::string, std::string> both(tap, stream);
        if (std::find(found.sources.begin(), found.sources.end(), both) == found.sources.end())
            found.sources.push_back(both);
        found.lines.try_emplace(tap + "." + stream, calls.line);
        return relation(tap + "." + stream);
    };
    calls.config = [&](const arguments &named) {
        for (const auto &[key, values] : named) {
            if (!first && found.config.count(key))
                continue;
            auto &into = found.config[key];
            if (key != "tags")
                into.clear();
            into.insert(into.end(), values.begin(), values.end());
        }
    };
    calls.settings = [&](const std::map<std::string, value> &named) {
        for (const auto &[key, v] : named)
            if (first || !found.settings.count(key)) {
                found.settings[key] = v;
                found.setting_lines[key] = calls.line;
            }
        if (auto tags = found.config.find("tags"); named.count("tags") && tags != found.config.end()) {
            list all;
            for (const std::string &tag : tags->second)
                all.emplace_back(tag);
            found.settings["tags"] = std::move(all);
        }
    };
    calls.var = [&](const std::string &name) { note(found.vars, name); };
    // Which columns there are is not known yet; which relations are read is all that counts.
    calls.columns = [](const relation &) { return std::vector<relation_column>(); };
    calls.is_incremental = false;
    evaluator as_it_is(calls);
    as_it_is.run(whole);
    found.asks_incremental = as_it_is.asked_incremental();
    if (found.asks_incremental) {
        first = false;
        calls.is_incremental = true;
        evaluator(calls).run(whole);
    }
    return found;
}

references find_references(const std::string &source, const std::string &file) {
    callbacks context;
    context.self = relation("this");
    return find_references(source, file, context);
}

} // namespace barometre::jinja
