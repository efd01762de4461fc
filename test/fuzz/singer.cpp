// A file of Singer messages holds the same whether its records are parsed as they come or passed over by how their
// lines begin, and each stream has as many records as were counted.

#include "targets.h"

#include "core/singer/record_reader.h"
#include "core/text/utf8.h"

namespace barometre::fuzz {

namespace {

std::optional<singer::content> hold(const memory_file &file, bool reads, std::size_t flatten) {
    try {
        return singer::read_content(file.descriptor, {}, flatten, [reads](const std::string &) { return reads; });
    } catch (const bytes::unreadable &e) {
        require(!e.clause.empty(), "a fault without a reason");
        return std::nullopt;
    }
}

/// False: a line of it is no message.
bool read_records(const memory_file &file, const singer::content &held, std::size_t flatten) {
    for (const singer::stream_content &s : held.streams) {
        std::vector<std::string> names;
        for (const singer::property &p : s.properties) {
            require(!p.name.empty() && text::is_utf8(p.name) && !p.type.empty(), "a property without name or type");
            names.push_back(p.name);
        }
        std::int64_t records = 0;
        std::uint64_t line = 0;
        try {
            singer::record_reader in(file.descriptor, held,
                                     {.stream = s.name, .fields = names, .version = true, .flatten = flatten});
            in.on_bad = [&](const json::bad_record &) { ++records; };
            while (in.next()) {
                ++records;
                require(in.line() > line, "a line before the last one");
                line = in.line();
                require(in.fields().size() == names.size() + 1, "a field without a name");
                for (const record::field &f : in.fields())
                    require(f.is_null || (text::is_utf8(f.text) && f.text.find('\0') == std::string_view::npos),
                            "a text that is none");
            }
            require(in.hash() == held.hash, "another hash");
        } catch (const bytes::unreadable &) {
            return false;
        }
        require(records == s.records, "as many records as were counted");
    }
    return true;
}

} // namespace

void singer(std::string_view input) {
    choices choose(input);
    const std::size_t flatten = choose.below(3);
    const std::string_view text = choose.rest();
    const memory_file file(text);
    const auto parsed = hold(file, false, flatten), passed = hold(file, true, flatten);
    if (!passed) {
        require(!parsed, "a fault that parsing does not see: " + shown(text));
        return;
    }
    const bool is_good = read_records(file, *passed, flatten);
    if (!parsed)
        return;
    require(is_good, "a record that can't be read after all: " + shown(text));
    require(passed->state == parsed->state && passed->streams.size() == parsed->streams.size(),
            "another content: " + shown(text));
    for (std::size_t i = 0; i < parsed->streams.size(); ++i) {
        const auto &one = passed->streams[i], &other = parsed->streams[i];
        require(one.name == other.name && one.records == other.records && one.properties == other.properties &&
                    one.key == other.key && one.active_version == other.active_version,
                "another stream: " + shown(text));
    }
}

} // namespace barometre::fuzz
