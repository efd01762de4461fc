// The records of JSON files are what they were when they are read again, and lines are what the plain reader of the
// unit tests makes of them.

#include "../unit/json/reference_reader.h"
#include "targets.h"

#include "core/json/look.h"
#include "core/json/record_reader.h"
#include "core/text/utf8.h"

namespace barometre::fuzz {

namespace {

struct json_result {
    std::vector<std::string> records; ///< each with its line
    std::vector<reference::json_record> plain;
    std::vector<std::string> header;
};

json_result read_json(std::string_view text, const json::dialect &how, const std::vector<std::string> &header) {
    const memory_file file(text);
    json_result out;
    json::record_reader in(file.descriptor, how, header);
    std::uint64_t line = 0;
    const auto place = [&] {
        require(in.line() >= line && in.last_line() >= in.line(), "a line before the last one");
        line = in.line();
        require(!in.offset() || *in.offset() <= text.size(), "an offset behind the end");
        return std::to_string(line) + " " + in.path();
    };
    in.on_bad = [&](const json::bad_record &bad) {
        require(!bad.why.reason.empty() && *bad.why.sqlstate != '\0', "a fault without a reason");
        require(text::is_utf8(bad.why.path), "a path that is no UTF-8");
        out.records.push_back(place() + " bad " + bad.why.path + ": " + bad.why.reason);
        out.plain.push_back({false, bad.line, 0, {}});
    };
    while (in.next()) {
        std::string record = place();
        out.plain.push_back({true, in.line(), 0, {}});
        require(in.fields().size() == in.header().names.size(), "a field without a name");
        for (std::size_t i = 0; i < in.fields().size(); ++i) {
            const record::field &f = in.fields()[i];
            if (f.is_null)
                continue;
            require(text::is_utf8(f.text) && f.text.find('\0') == std::string_view::npos, "a text that is none");
            record += " " + in.header().names[i] + "=" + std::string(f.text);
            out.plain.back().fields[in.header().names[i]] = {f.said, std::string(f.text)};
        }
        out.records.push_back(std::move(record));
    }
    out.header = in.header().names;
    return out;
}

} // namespace

void json_records(std::string_view input) {
    choices choose(input);
    json::dialect how{.lines = choose.below(2) == 0};
    how.records_path = *json::read_path(choose.one_of<std::string>({"", "", "a", "a.b", "a[*].b", "[*][*]"}));
    for (std::size_t levels = choose.below(4); levels > 0; --levels)
        how.levels.push_back("k" + std::to_string(levels));
    how.leaf = how.levels.empty() ? "" : "v";
    how.flatten = how.levels.empty() ? choose.below(4) : 0;
    const std::string_view text = choose.rest();
    {
        const memory_file file(text);
        json::look_at(file.descriptor, how);
        json::seems(file.descriptor, {});
    }
    json_result first;
    try {
        first = read_json(text, how, {});
    } catch (const bytes::unreadable &) {
        return; // a document that is none
    }
    const json_result again = read_json(text, how, first.header);
    require(again.header == first.header, "another header: " + shown(text));
    require(again.records == first.records, "other records: " + shown(text));
    if (!how.lines || !how.records_path.empty() || !how.levels.empty() || text.starts_with("\xEF\xBB\xBF"))
        return;
    const std::string_view without_mark = text.ends_with('\x1A') ? text.substr(0, text.size() - 1) : text;
    const reference::json_reader plain(std::string(without_mark), how.flatten);
    require(plain.records.size() == first.plain.size(), "as many records as the plain reader has: " + shown(text));
    for (std::size_t i = 0; i < plain.records.size(); ++i) {
        const auto &one = first.plain[i], &other = plain.records[i];
        require(one.is_good == other.is_good && one.line == other.line && one.fields.size() == other.fields.size(),
                "another record than the plain reader's: " + shown(text));
        for (const auto &[name, value] : other.fields)
            require(one.fields.count(name) && one.fields.at(name).text == value.text &&
                        one.fields.at(name).said == value.said,
                    "another value than the plain reader's: " + shown(text));
    }
}

} // namespace barometre::fuzz
