#include "core/project/dbt/python_yaml.h"
#include "core/interrupts.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace barometre::project::dbt {

namespace {

int line_of(const YAML::Node &node) { return node.Mark().line + 1; }

bool is_merge(const YAML::Node &key) { return key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!"; }

/// The keys of a mapping as they count, or nothing when they are as they stand.
std::optional<std::vector<std::pair<YAML::Node, YAML::Node>>> settled(const YAML::Node &map, const std::string &shown,
                                                                      findings &found) {
    std::vector<std::pair<YAML::Node, YAML::Node>> own;
    std::vector<YAML::Node> merged;
    bool as_it_stands = true;
    for (const auto &entry : map) {
        if (is_merge(entry.first)) {
            as_it_stands = false;
            if (entry.second.IsMap())
                merged.push_back(entry.second);
            else if (entry.second.IsSequence())
                for (const auto &one : entry.second)
                    merged.push_back(one);
            continue;
        }
        const auto same = std::find_if(own.begin(), own.end(), [&](const auto &one) {
            return one.first.IsScalar() && entry.first.IsScalar() && one.first.Scalar() == entry.first.Scalar();
        });
        if (same == own.end()) {
            own.emplace_back(entry.first, entry.second);
            continue;
        }
        as_it_stands = false;
        found.add({"key",
                   entry.first.Scalar(),
                   "ignored",
                   {shown, line_of(same->first)},
                   "It is given again in line " + std::to_string(line_of(entry.first)) + ", and the last one counts.",
                   true});
        *same = {entry.first, entry.second};
    }
    if (as_it_stands)
        return std::nullopt;
    std::set<std::string> known;
    for (const auto &one : own)
        if (one.first.IsScalar())
            known.insert(one.first.Scalar());
    for (const YAML::Node &from : merged)
        if (from.IsMap())
            for (const auto &entry : from)
                if (entry.first.IsScalar() && known.insert(entry.first.Scalar()).second)
                    own.emplace_back(entry.first, entry.second);
    return own;
}

} // namespace

void as_python_reads(const YAML::Node &node, const std::string &shown, findings &found) {
    check_interrupts();
    if (node.IsSequence())
        for (const auto &item : node)
            as_python_reads(item, shown, found);
    if (!node.IsMap())
        return;
    for (const auto &entry : node) // first, so that what is merged has what it merges
        as_python_reads(entry.second, shown, found);
    const auto keys = settled(node, shown, found);
    if (!keys)
        return;
    YAML::Node same = node; // nodes share what they hold: the mapping itself changes, and keeps its place
    while (same.size() > 0)
        same.remove(YAML::Node(same.begin()->first));
    for (const auto &[key, value] : *keys)
        same.force_insert(key, value);
}

std::optional<bool> boolean_of(const std::string &word) {
    static const std::set<std::string> yes{"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"},
        no{"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
    return yes.count(word) ? std::optional(true) : no.count(word) ? std::optional(false) : std::nullopt;
}

} // namespace barometre::project::dbt
