#include "core/project/amount.h"
#include "core/text/text.h"

#include <charconv>

namespace barometre::project {

std::int64_t read_amount(yaml_map &map, const std::string &key,
                         const std::vector<std::pair<std::string, std::int64_t>> &units) {
    const std::string text = map.text(key);
    std::int64_t number = -1;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string unit(end, text.data() + text.size());
    unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? unit.size() : unit.find_first_not_of(' '));
    std::string known;
    for (const auto &[name, factor] : units) {
        if (failure == std::errc() && number >= 0 && number <= INT64_MAX / factor && (unit == name || unit.empty()))
            return number * factor;
        text::append(known, name);
    }
    map.fail(map.at(key), "key \"" + key + "\" must be a number and a unit", "It is \"" + text + "\".",
             "Units are " + known + ".");
}

std::int64_t read_duration(yaml_map &map, const std::string &key) {
    return read_amount(map, key,
                       {{"s", 1},
                        {"sec", 1},
                        {"second", 1},
                        {"seconds", 1},
                        {"min", 60},
                        {"minute", 60},
                        {"minutes", 60},
                        {"h", 3600},
                        {"hour", 3600},
                        {"hours", 3600},
                        {"day", 86400},
                        {"days", 86400},
                        {"week", 604800},
                        {"weeks", 604800}});
}

std::int64_t read_positive_duration(yaml_map &map, const std::string &key) {
    const std::int64_t seconds = read_duration(map, key);
    if (seconds == 0)
        map.fail(map.at(key), "key \"" + key + "\" must be longer than 0", "",
                 "Remove the key if nothing is meant by it.");
    return seconds;
}

std::int64_t read_period(yaml_map &map, const std::string &key) {
    if (!map.has(key))
        return 0;
    yaml_map age = map.map(key, "\"" + key + "\" of " + map.what());
    if (!age.has("count") || !age.has("period"))
        age.fail(map.at(key), age.what() + " lacks the key \"" + (age.has("count") ? "period" : "count") + "\"", "",
                 "For example: " + key + ": {count: 12, period: hour}");
    const std::int64_t count = age.integer("count", 0);
    const std::string period = age.choice("period", {"minute", "hour", "day"}, "");
    age.finish();
    return count * (period == "minute" ? 60 : period == "hour" ? 3600 : 86400);
}

limit read_limit(yaml_map &map, const std::string &key, const std::string &things) {
    const std::string text = map.text(key);
    limit limit;
    const char *last = text.data() + text.size();
    if (!text.empty() && text.back() == '%') {
        auto [end, failure] = std::from_chars(text.data(), --last, limit.percent);
        if (failure == std::errc() && end == last && limit.percent >= 0 && limit.percent <= 100)
            return limit;
    } else if (auto [end, failure] = std::from_chars(text.data(), last, limit.count);
               failure == std::errc() && end == last && limit.count >= 0) {
        return limit;
    }
    map.fail(map.at(key), "key \"" + key + "\" must be a number of " + things + " or a percentage",
             "It is \"" + text + "\".", "For example 100, or 1%.");
}

std::string duration_text(std::int64_t seconds) {
    std::int64_t number = seconds;
    const char *unit = "second";
    for (const auto &[length, name] : {std::pair(86400, "day"), std::pair(3600, "hour"), std::pair(60, "minute")})
        if (seconds > 0 && seconds % length == 0) {
            number = seconds / length;
            unit = name;
            break;
        }
    return std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
}

} // namespace barometre::project
