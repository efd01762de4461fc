#include "tap/choose.h"
#include "core/name/nearest.h"
#include "tap/spread.h"

#include <algorithm>

namespace barometre::tap {

std::vector<chosen> choose(const project::project &p, const std::string &tap,
                           const std::optional<std::vector<std::string>> &names) {
    if (const std::size_t dot = tap.find('.'); dot != std::string::npos && !names)
        return choose(p, tap.substr(0, dot), std::vector{tap.substr(dot + 1)});
    std::vector<std::string> taps;
    for (const project::tap &t : p.taps)
        taps.push_back(t.name);
    if (!tap.empty() && !p.find_tap(tap))
        throw name::unknown("tap", tap, taps);
    auto is = [](const project::stream &s, const std::string &name) {
        return name == s.name || name == s.tap + "." + s.name;
    };
    std::vector<chosen> out;
    std::vector<std::string> known;
    for (const project::tap &t : p.taps) {
        if (!tap.empty() && t.name != tap)
            continue;
        chosen of_tap{&t, {}};
        for (const project::stream &s : t.streams) {
            known.push_back(tap.empty() ? s.tap + "." + s.name : s.name);
            if (!names ||
                std::any_of(names->begin(), names->end(), [&](const std::string &name) { return is(s, name); }))
                of_tap.streams.push_back(&s);
        }
        const auto loaded = of_tap.streams;
        std::stable_sort(of_tap.streams.begin(), of_tap.streams.end(),
                         [&](const auto *a, const auto *b) { return depth_of(*a, loaded) < depth_of(*b, loaded); });
        of_tap.is_part = of_tap.streams.size() < t.streams.size();
        if (!names || !of_tap.streams.empty())
            out.push_back(std::move(of_tap));
    }
    if (names)
        for (const std::string &name : *names)
            if (std::none_of(out.begin(), out.end(), [&](const chosen &c) {
                    return std::any_of(c.streams.begin(), c.streams.end(),
                                       [&](const project::stream *s) { return is(*s, name); });
                }))
                throw name::unknown("stream", name, known);
    return out;
}

} // namespace barometre::tap
