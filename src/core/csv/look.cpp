#include "core/csv/look.h"
#include "core/csv/lines.h"
#include "core/csv/record_reader.h"

#include <algorithm>
#include <vector>

namespace barometre::csv {

namespace {

constexpr int most_records = 200;

/// What a delimiter would make of the first records.
struct trial {
    std::string delimiter;
    std::size_t fields = 0; ///< of the first record
    int same = 0, other = 0; ///< records of as many fields, and all others

    bool fits() const { return other * 10 <= same; }
};

trial try_delimiter(int descriptor, const dialect &declared, const std::string &delimiter, std::size_t fields) {
    trial t{delimiter};
    dialect how = declared;
    how.delimiter = delimiter;
    record_reader reader(descriptor, how, fields);
    reader.on_bad = [&](const bad_record &bad) {
        t.other += t.same > 0 || bad.why == bad_record::reason::field_count;
        if (t.other > most_records)
            throw t; // enough
    };
    try {
        while (t.same + t.other < most_records && reader.next()) {
            ++t.same;
            t.fields = reader.fields().size();
        }
    } catch (const trial &) {
    }
    return t;
}

/// The X of a line sep=X, as spreadsheets write it.
std::string separator_of(std::string_view line) {
    if (line.size() > 2 && line.front() == '"' && line.back() == '"')
        line = line.substr(1, line.size() - 2);
    const bool is_one = line.size() == 5 && (line.starts_with("sep=") || line.starts_with("SEP="));
    return is_one ? std::string(line.substr(4)) : std::string();
}

} // namespace

std::string shown_delimiter(const std::string &delimiter) { return delimiter == "\t" ? "tab" : "\"" + delimiter + "\""; }

look look_at(int descriptor, const dialect &declared, std::size_t fields) {
    look found;
    found.delimiter = declared.delimiter;
    dialect how = declared;
    {
        go_to(descriptor, 0);
        lines in(descriptor, declared, std::make_shared<read_progress>(), 0);
        bool more = in.next();
        while (more && in.last() <= declared.skip_lines)
            more = in.next();
        const std::string separator = more ? separator_of({in.text(), in.size()}) : std::string();
        if (!separator.empty()) {
            found.sep_line = true;
            ++how.skip_lines;
            if (declared.delimiter.empty())
                found.delimiter = separator;
        }
    }
    if (!found.delimiter.empty())
        return found;

    std::vector<trial> trials;
    bool occurs = false;
    for (const char *delimiter : {",", ";", "\t", "|"}) {
        trials.push_back(try_delimiter(descriptor, how, delimiter, fields));
        const trial &t = trials.back();
        if (t.fields < 2 && t.other * 2 <= t.same)
            continue; // it hardly occurs
        occurs = true;
        found.candidates += (found.candidates.empty() ? "" : ", ") + shown_delimiter(delimiter);
    }
    if (!occurs)
        found.delimiter = ",";
    // Those that part the first record; of several, those with few exceptions, at best with none.
    std::erase_if(trials, [](const trial &t) { return t.fields < 2; });
    for (auto is_better : {+[](const trial &t) { return t.fits(); }, +[](const trial &t) { return t.other == 0; }})
        if (trials.size() > 1 && std::any_of(trials.begin(), trials.end(), is_better))
            std::erase_if(trials, [&](const trial &t) { return !is_better(t); });
    if (trials.size() == 1)
        found.delimiter = trials[0].delimiter;
    return found;
}

} // namespace barometre::csv
