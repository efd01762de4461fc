#include "core/project/job_step_config.h"
#include "core/json/writer.h"
#include "core/name/nearest.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::project {

namespace {

const std::pair<const char *, step_kind> kinds[] = {
    {"run", step_kind::run},   {"seed", step_kind::seed}, {"transform", step_kind::transform},
    {"test", step_kind::test}, {"sql", step_kind::sql},
};

const char all[] = "*";

/// The one key that says what the step does.
std::pair<const char *, step_kind> kind_of(yaml_map &map) {
    const std::pair<const char *, step_kind> *found = nullptr;
    for (const auto &entry : map.node())
        for (const auto &kind : kinds) {
            if (entry.first.Scalar() != kind.first)
                continue;
            if (found)
                map.fail(map.at(entry.first),
                         map.what() + " has both \"" + found->first + "\" and \"" + kind.first + "\"", "",
                         "Make it two steps.");
            found = &kind;
        }
    if (found)
        return *found;
    for (const auto &kind : kinds)
        map.has(kind.first);
    map.finish(); // a key that is misspelt
    map.fail(map.at(), map.what() + " is empty", "", "It needs one of the keys run, seed, transform, test and sql.");
}

[[noreturn]] void refuse(const yaml_map &map, const std::string &key, const std::string &what, const std::string &name,
                         const std::vector<std::string> &known) {
    const error e = name::unknown(what, name, known);
    map.fail(map.at(key), e.message, e.detail, e.hint);
}

void check_stream(const yaml_map &map, const std::string &key, const tap &t, const std::string &name) {
    std::vector<std::string> known;
    for (const stream &s : t.streams) {
        if (s.name == name)
            return;
        known.push_back(t.name + "." + s.name);
    }
    refuse(map, key, "stream", t.name + "." + name, known);
}

void read_run(yaml_map &map, const project &p, job_step &s) {
    const std::string what = map.text("run");
    s.full_refresh = map.boolean("full_refresh", false);
    const std::vector<std::string> streams = map.texts("streams");
    const bool has_streams = map.has("streams");
    if (has_streams && streams.empty())
        map.fail(map.at("streams"), "key \"streams\" names no stream", "",
                 "Without the key all streams of the tap are loaded.");
    if (what == all) {
        if (has_streams)
            map.fail(map.at("streams"), "key \"streams\" needs the name of one tap in \"run\"");
        return;
    }
    const std::size_t dot = what.find('.');
    const tap *t = p.find_tap(what.substr(0, dot));
    if (!t) {
        std::vector<std::string> known;
        for (const tap &one : p.taps) {
            if (dot == std::string::npos)
                known.push_back(one.name);
            for (const stream &its : one.streams) {
                if (its.name == what)
                    map.fail(map.at("run"), "there is no tap \"" + what + "\" in the project", "",
                             "Did you mean \"" + one.name + "." + what + "\"?");
                if (dot != std::string::npos)
                    known.push_back(one.name + "." + its.name);
            }
        }
        refuse(map, "run", dot == std::string::npos ? "tap" : "stream", what, known);
    }
    s.tap = t->name;
    if (dot != std::string::npos) {
        if (has_streams)
            map.fail(map.at("streams"), "\"run\" names a stream, and so can't have the key \"streams\"");
        s.names = {what.substr(dot + 1)};
        check_stream(map, "run", *t, s.names.front());
    }
    for (const std::string &given : streams) { // tap.stream, too
        const std::string name = given.starts_with(t->name + ".") ? given.substr(t->name.size() + 1) : given;
        check_stream(map, "streams", *t, name);
        s.names.push_back(name);
    }
}

void read_seed(yaml_map &map, const project &p, job_step &s) {
    s.names = map.texts("seed");
    if (s.names == std::vector<std::string>{all}) {
        s.names.clear();
        return;
    }
    if (s.names.empty())
        map.fail(map.at("seed"), "key \"seed\" names no seed", "", "'*' loads all seeds.");
    std::vector<std::string> known;
    for (const seed &one : p.seeds)
        known.push_back(one.name);
    for (const std::string &name : s.names)
        if (!p.find_seed(name))
            refuse(map, "seed", "seed", name, known);
}

} // namespace

std::string read_sql(yaml_map &map, const std::string &key) {
    const std::string sql = map.text(key);
    if (sql.find_first_not_of(" \t\r\n\f\v") == std::string::npos)
        map.fail(map.at(key), "key \"" + key + "\" of " + map.what() + " is blank", "", "Give it SQL to run.");
    return sql;
}

bool read_skips_failures(yaml_map &map) {
    return map.text("on_failure", "stop") == "continue" || map.choice("on_failure", {"stop", "skip"}, "stop") == "skip";
}

job_step read_step(yaml_map &map, const project &p) {
    const auto [key, kind] = kind_of(map);
    job_step s;
    s.kind = kind;
    s.at = map.at(key);
    switch (kind) {
    case step_kind::run:
        read_run(map, p, s);
        s.skips_failures = read_skips_failures(map);
        break;
    case step_kind::seed:
        read_seed(map, p, s);
        break;
    case step_kind::transform:
        s.selection = map.text(key);
        s.exclude = map.text("exclude", "");
        s.full_refresh = map.boolean("full_refresh", false);
        s.skips_failures = read_skips_failures(map);
        break;
    case step_kind::test:
        s.selection = map.text(key);
        break;
    case step_kind::sql:
        s.sql = read_sql(map, key);
    }
    map.finish();
    return s;
}

std::string step_text(const job_step &s) {
    const std::string names = s.names.empty() ? "null" : json::texts(s.names);
    json::object out;
    switch (s.kind) {
    case step_kind::run:
        out.add("run", s.tap.empty() ? all : s.tap).raw("streams", names).add("full_refresh", s.full_refresh);
        if (s.skips_failures)
            out.add("on_failure", "skip");
        break;
    case step_kind::seed:
        s.names.empty() ? out.add("seed", "*") : out.raw("seed", names);
        break;
    case step_kind::transform:
        out.add("transform", s.selection).add_or_null("exclude", s.exclude).add("full_refresh", s.full_refresh);
        out.add("on_failure", s.skips_failures ? "skip" : "stop");
        break;
    case step_kind::test:
        out.add("test", s.selection);
        break;
    case step_kind::sql:
        out.add("sql", s.sql);
    }
    return out.text();
}

} // namespace barometre::project
