#include "core/jinja/evaluate.h"
#include "core/jinja/render.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

template <class T> void note(std::vector<T> &list, const T &item) {
    if (std::find(list.begin(), list.end(), item) == list.end())
        list.push_back(item);
}

/// Takes what a template says while it is rendered.
class collector {
public:
    collector(references &found, callbacks &calls) : found_(found), calls_(calls) {
        calls.ref = [this](const std::string &name) {
            note(found_.refs, name);
            found_.lines.try_emplace(name, calls_.line);
            return relation(name);
        };
        calls.in_package = [this](const std::string &package, const std::string &name) {
            found_.packages[name] = package;
        };
        calls.source = [this](const std::string &tap, const std::string &stream) {
            note(found_.sources, {tap, stream});
            found_.lines.try_emplace(tap + "." + stream, calls_.line);
            return relation(tap + "." + stream);
        };
        calls.config = [this](const arguments &named) { configure(named); };
        calls.settings = [this](const std::map<std::string, value> &named) { keep(named); };
        calls.var = [this](const std::string &name) { note(found_.vars, name); };
        // Which columns there are is not known yet; which relations are read is all that counts.
        calls.columns = [](const relation &) { return std::vector<relation_column>(); };
        calls.find_relation = [this](const std::string &schema, const std::string &name) -> std::optional<relation> {
            note(found_.relations, {schema, name});
            if (!calls_.execute)
                return std::nullopt;
            relation there(name);
            there.schema = schema;
            return there;
        };
    }
    bool is_first = true; ///< what is said again counts once

private:
    void configure(const arguments &named) {
        for (const auto &[key, values] : named) {
            if (!is_first && found_.config.count(key))
                continue;
            auto &into = found_.config[key];
            if (key != "tags")
                into.clear();
            into.insert(into.end(), values.begin(), values.end());
        }
    }

    void keep(const std::map<std::string, value> &named) {
        for (const auto &[key, v] : named)
            if (is_first || !found_.settings.count(key)) {
                found_.settings[key] = v;
                found_.setting_lines[key] = calls_.line;
            }
        if (auto tags = found_.config.find("tags"); named.count("tags") && tags != found_.config.end()) {
            list all;
            for (const std::string &tag : tags->second)
                all.emplace_back(tag);
            found_.settings["tags"] = std::move(all);
        }
    }

    references &found_;
    callbacks &calls_;
};

} // namespace

references find_references(const std::function<void(callbacks &)> &render, const callbacks &context) {
    references found;
    callbacks calls = context;
    collector collects(found, calls);
    calls.say = {}; // who builds it is told
    calls.asked_incremental = calls.asked_execute = calls.execute = false;
    const auto both_ways = [&] {
        calls.is_incremental = false;
        render(calls);
        collects.is_first = false;
        if (!calls.asked_incremental)
            return;
        calls.is_incremental = true;
        render(calls);
    };
    both_ways();
    found.asks_incremental = calls.asked_incremental;
    if (calls.asked_execute) {
        calls.execute = true;
        try {
            both_ways();
        } catch (const error &e) { // it may count on what is in the database: told when it is built
            if (e.is_intervention() || calls.met_refusal)
                throw;
        }
    }
    return found;
}

references find_references(const std::string &source, const std::string &file, const callbacks &context) {
    const parsed whole = parse(source, file);
    return find_references([&](callbacks &calls) { evaluator(calls).run(whole); }, context);
}

references find_references(const std::string &source, const std::string &file) {
    callbacks context;
    context.self = relation("this");
    return find_references(source, file, context);
}

} // namespace barometre::jinja
