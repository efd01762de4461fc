// record_reader gives what reference_reader.h gives, over generated lines.

#include "reference_reader.h"

#include "../bytes/memory_file.h"
#include "core/json/record_reader.h"

#include <gtest/gtest.h>

#include <random>

using namespace barometre;
using reference::json_record;

namespace {

struct outcome {
    std::vector<json_record> records;
    std::vector<std::pair<std::string, record::found_type>> header;
    std::uint64_t blank = 0;
    bool operator==(const outcome &) const = default;
};

/// As a load reads: once for what fields there are, and again.
outcome read(const std::string &text, std::size_t flatten) {
    const json::dialect how{.lines = true, .flatten = flatten};
    const test::memory_file file(text);
    json::record_reader first(file.fd, how);
    while (first.next()) {
    }
    outcome out;
    const json::found_header found = first.header();
    for (std::size_t i = 0; i < found.names.size(); ++i)
        out.header.emplace_back(found.names[i], found.types[i]);
    json::record_reader in(file.fd, how, found.names);
    in.on_bad = [&](const json::bad_record &bad) {
        EXPECT_EQ(bad.line, in.line());
        out.records.push_back({false, bad.line, in.offset().value(), {}});
    };
    while (in.next()) {
        json_record r{true, in.line(), in.offset().value(), {}};
        for (std::size_t i = 0; i < in.fields().size(); ++i)
            if (const record::field &f = in.fields()[i]; !f.is_null)
                r.fields[found.names[i]] = {f.said, std::string(f.text)};
        out.records.push_back(std::move(r));
    }
    EXPECT_EQ(in.header().names, found.names) << text;
    EXPECT_EQ(in.bytes(), text.size());
    out.blank = in.blank_lines();
    return out;
}

outcome expected(const std::string &text, std::size_t flatten) {
    const reference::json_reader in(text, flatten);
    return {in.records, in.header, in.blank};
}

class generator {
public:
    explicit generator(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return random_() % n; }
    std::string one_of(const std::vector<std::string> &of) { return of[below(of.size())]; }

    std::string blanks() { return below(4) ? "" : one_of({" ", "\t", "\r", "  "}); }
    std::string text() {
        std::string out = "\"";
        for (std::size_t n = below(4); n > 0; --n)
            out +=
                one_of({"a", "bc", "\xC3\xA9", "\xF0\x9F\x98\x80", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\u0041",
                        "\\uD83D\\uDE00", "{", "]", ",", ":", " ", "0123456789012345678901234567890123456789"});
        return out + "\"";
    }
    std::string scalar() {
        return below(2) ? text()
                        : one_of({"0", "-0", "12", "1.50", "1E+5", "1e999999", "-1e-99999", "123456789012345678",
                                  "1234567890123456789", "1234567890123456789012345678901234567890", "true", "false",
                                  "null"});
    }
    std::string value(int depth) {
        if (depth == 0 || below(3) > 0)
            return scalar();
        if (below(2))
            return object(depth - 1);
        std::string out = "[" + blanks();
        for (std::size_t n = below(4), i = 0; i < n; ++i)
            out += (i > 0 ? "," : "") + blanks() + value(depth - 1) + blanks();
        return out + "]";
    }
    std::string object(int depth) {
        static const std::vector<std::string> keys = {"a", "b", "c", "d.e", "", "\\u0061", "q\\\"", "\xC3\xA9", "[*]"};
        std::string out = "{" + blanks();
        for (std::size_t n = below(5), i = 0; i < n; ++i)
            out += (i > 0 ? "," : "") + blanks() + "\"" + one_of(keys) + "\"" + blanks() + ":" + blanks() +
                   value(depth) + blanks();
        return out + "}";
    }
    std::string lines(std::size_t n, bool bad) {
        std::string out = below(8) ? "" : "\xEF\xBB\xBF";
        for (; n > 0; --n) {
            std::string line = object(3);
            for (std::size_t k = bad ? below(3) : 0; k > 0; --k)
                line.replace(below(line.size() + 1), below(3),
                             one_of({"",     "\"",      "\\",      "{",       "}",
                                     "[",    "]",       ",",       ":",       "1",
                                     "tru",  "\\u0000", "\\uD800", "\\uDC00", "\xE9",
                                     "\x01", "\x0C",    "\x1A",    " ",       std::string(1, '\0'),
                                     "0",    "-",       "e"}));
            out += blanks() + line + blanks() + (n > 1 || below(2) ? one_of({"\n", "\r\n", "\n\n", "\n \t\r\n"}) : "");
        }
        return out.ends_with('\x1A') ? out + "\n" : out;
    }

private:
    std::mt19937 random_;
};

void compare(const std::string &text, std::size_t flatten) {
    const outcome got = read(text, flatten), want = expected(text, flatten);
    if (got == want || testing::Test::HasFailure())
        return;
    ADD_FAILURE() << "of: " << testing::PrintToString(text) << "\nflatten " << flatten;
    for (const bool is_got : {true, false}) {
        const outcome &o = is_got ? got : want;
        std::string shown = is_got ? "record_reader" : "reference";
        for (const json_record &r : o.records) {
            shown += "\n" + std::to_string(r.line) + (r.is_good ? "" : " bad") + " at " + std::to_string(r.offset);
            for (const auto &[name, v] : r.fields)
                shown += " " + name + "=" + v.text + "/" + record::sql_name(v.said);
        }
        for (const auto &[name, type] : o.header)
            shown += "\n" + name + " " + record::sql_name(type);
        ADD_FAILURE() << shown;
    }
}

} // namespace

TEST(JsonReference, GoodLines) {
    generator g(1);
    for (int i = 0; i < 60; ++i)
        compare(g.lines(1 + g.below(20), false), g.below(4));
}

TEST(JsonReference, BadLinesAmongGoodOnes) {
    generator g(2);
    for (int i = 0; i < 100; ++i)
        compare(g.lines(1 + g.below(20), true), 0);
}
