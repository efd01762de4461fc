#include "core/csv/look.h"
#include "core/bytes/encoding.h"
#include "core/csv/lines.h"
#include "core/csv/record_reader.h"
#include "core/text/text.h"

#include <algorithm>
#include <vector>

#include <unistd.h>

namespace barometre::csv {

namespace {

constexpr int most_records = 200;

/// What a delimiter would make of the first records.
struct trial {
    std::string delimiter;
    std::size_t fields = 0;  ///< of the first record
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

/// The first line after those that are skipped; empty if there is none.
std::string first_line(int descriptor, const dialect &declared) {
    if (declared.skip_lines == 0 && declared.coding.packed == bytes::compression::none &&
        bytes::is_utf8_name(declared.coding.encoding)) {
        // Many small files: without a line reader, whose buffer is large.
        char first[1024];
        const ssize_t got = ::pread(descriptor, first, sizeof first, 0);
        std::string_view text(first, got > 0 ? static_cast<std::size_t>(got) : 0);
        while (text.starts_with("\xEF\xBB\xBF"))
            text.remove_prefix(3);
        if (const std::size_t end = text.find_first_of("\r\n"); end != std::string_view::npos && end > 0)
            return std::string(text.substr(0, end));
    }
    lines in(descriptor, declared, std::make_shared<bytes::read_progress>(), 0);
    bool more = in.next();
    while (more && in.last() <= declared.skip_lines)
        more = in.next();
    return more ? std::string(in.text(), in.size()) : std::string();
}

/// The X of a line sep=X, as spreadsheets write it.
std::string separator_of(std::string_view line) {
    if (line.size() > 2 && line.front() == '"' && line.back() == '"')
        line = line.substr(1, line.size() - 2);
    const bool is_one = line.size() == 5 && (line.starts_with("sep=") || line.starts_with("SEP="));
    return is_one ? std::string(line.substr(4)) : std::string();
}

} // namespace

std::string shown_delimiter(const std::string &delimiter) {
    return delimiter == "\t" ? "tab" : "\"" + delimiter + "\"";
}

look look_at(int descriptor, const dialect &declared, std::size_t fields) {
    look found;
    found.delimiter = declared.delimiter;
    dialect how = declared;
    std::string line = first_line(descriptor, declared);
    if (const std::string separator = separator_of(line); !separator.empty()) {
        found.sep_line = true;
        ++how.skip_lines;
        if (declared.delimiter.empty())
            found.delimiter = separator;
    }
    if (!found.delimiter.empty())
        return found;
    // Ordinarily a single candidate is in the header, and parts it.
    constexpr const char *candidates[] = {",", ";", "\t", "|"};
    if (fields == 0 && !found.sep_line && !line.empty() && line.find(how.quote) == std::string::npos &&
        (how.comment.empty() || !line.starts_with(how.comment))) {
        for (const char *delimiter : candidates)
            if (line.find(delimiter) != std::string::npos)
                found.candidates += delimiter;
        if (found.candidates.size() == 1) {
            found.delimiter = found.candidates;
            return found;
        }
        found.candidates.clear();
    }

    std::vector<trial> trials;
    bool occurs = false;
    for (const char *delimiter : candidates) {
        trials.push_back(try_delimiter(descriptor, how, delimiter, fields));
        const trial &t = trials.back();
        if (t.fields < 2 && t.other * 2 <= t.same)
            continue; // it hardly occurs
        occurs = true;
        text::append(found.candidates, shown_delimiter(delimiter));
    }
    if (!occurs)
        found.delimiter = ",";
    // Those that part the first record; of several, those with few exceptions, at best with none.
    std::erase_if(trials, [](const trial &t) { return t.fields < 2; });
    found.undivided = trials.empty();
    for (auto is_better : {+[](const trial &t) { return t.fits(); }, +[](const trial &t) { return t.other == 0; }})
        if (trials.size() > 1 && std::any_of(trials.begin(), trials.end(), is_better))
            std::erase_if(trials, [&](const trial &t) { return !is_better(t); });
    if (trials.size() == 1)
        found.delimiter = trials[0].delimiter;
    return found;
}

} // namespace barometre::csv
