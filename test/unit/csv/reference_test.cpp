// record_reader gives what reference_reader.h gives, over generated texts: small ones, and the same behind so many
// good records that the ends of its blocks and windows come to lie everywhere in them.

#include "reference_reader.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

using namespace barometre::csv;
using namespace barometre::bytes;
using barometre::record::field;
using barometre::record::margin_after;
using barometre::record::margin_before;
using namespace std::string_literals;
using reference::row;

namespace {

// ---- What is read, and how ----

struct setting {
    dialect how;
    std::size_t fields = 0;
    std::size_t optional = 0;
};

/// A text of which only what comes after `begin` is looked at: before are `records` good records of one line and
/// `width` fields each.
struct sample {
    std::string text;
    std::size_t begin = 0, records = 0, width = 0;
    bool alone = false; ///< reading begins at `begin`, by a prefix
};

struct outcome {
    std::vector<row> rows;
    std::uint64_t before = 0, blank = 0, records = 0, bytes = 0;
    content_hash hash{};
    int margins = 0; ///< a sum of what lies in them
};

class file {
public:
    explicit file(const std::string &text) : descriptor(memfd_create("csv", 0)) {
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t n = ::write(descriptor, text.data() + done, text.size() - done);
            if (n <= 0)
                std::abort();
            done += static_cast<std::size_t>(n);
        }
        ::lseek(descriptor, 0, SEEK_SET);
    }
    ~file() { ::close(descriptor); }
    file(const file &) = delete;
    file &operator=(const file &) = delete;

    const int descriptor;
};

outcome read(const sample &s, const setting &set) {
    const file f(s.text);
    auto in = s.alone
                  ? record_reader(f.descriptor, set.how, read_prefix(f.descriptor, s.begin), set.fields, set.optional)
                  : record_reader(f.descriptor, set.how, set.fields, set.optional);
    outcome got;
    auto add = [&](row r) {
        r.line = in.line();
        r.last_line = in.last_line();
        r.offset = in.offset().value();
        r.raw = in.raw();
        got.rows.push_back(std::move(r));
    };
    in.on_bad = [&](const bad_record &b) {
        EXPECT_EQ(b.line, in.line());
        EXPECT_EQ(b.last_line, in.last_line());
        row r;
        r.why = b.why;
        r.column = b.column;
        r.expected = b.expected;
        r.found = b.found;
        add(std::move(r));
    };
    while (in.next()) {
        ++got.records;
        if (in.offset().value() < s.begin) {
            ++got.before;
            continue;
        }
        row r;
        for (const field &f : in.fields()) {
            if (in.has_margins()) // they can be read
                got.margins += *(f.text.data() + f.text.size() - margin_before) + f.text.data()[margin_after - 1];
            r.fields.push_back(f.is_null ? std::nullopt : std::optional<std::string>(f.text));
        }
        add(std::move(r));
    }
    EXPECT_EQ(in.records(), got.records);
    got.blank = in.blank_lines();
    got.bytes = in.bytes();
    got.hash = in.hash();
    return got;
}

outcome expected(const sample &s, const setting &set) {
    outcome out;
    const bool told = set.fields == 0 && !s.alone && s.records > set.how.skip_lines; // by the records before
    const reference::reader in(s.text, set.how, told ? s.width : set.fields, set.optional, s.begin, s.records);
    out.rows = in.rows;
    out.blank = in.blank;
    out.bytes = s.text.size();
    if (!s.alone) // comments and quotes are not in them
        out.before = s.records - std::min<std::size_t>(s.records, set.how.skip_lines);
    out.records = out.before + static_cast<std::uint64_t>(std::count_if(out.rows.begin(), out.rows.end(),
                                                                        [](const row &r) { return !r.why; }));
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(s.text.data(), s.text.size()));
    std::memcpy(out.hash.data(), hash.digest, out.hash.size());
    return out;
}

bool same(const outcome &a, const outcome &b) {
    return a.rows == b.rows && a.before == b.before && a.blank == b.blank && a.records == b.records &&
           a.bytes == b.bytes && a.hash == b.hash;
}

// ---- How a difference is shown ----

std::string shown(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text.substr(0, 200)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\r')
            out += c == '\n' ? "\\n" : "\\r";
        else if (byte < 0x20 || byte > 0x7E)
            (out += "\\x") += {digits[byte >> 4], digits[byte & 15]};
        else
            (out += c == '"' || c == '\\' ? "\\" : "") += c;
    }
    return out + (text.size() > 200 ? "\"..., " + std::to_string(text.size()) + " bytes" : "\"");
}

std::string shown(const outcome &r) {
    static constexpr const char *reasons[] = {"field_count",    "encoding",         "nul",
                                              "unclosed_quote", "text_after_quote", "quote_in_unquoted",
                                              "line_too_long",  "stray_cr"};
    std::string out;
    for (const row &x : r.rows) {
        out += "    " + std::to_string(x.line) + "-" + std::to_string(x.last_line) + " at " + std::to_string(x.offset) +
               ": ";
        if (x.why)
            out += std::string(reasons[static_cast<int>(*x.why)]) + " column " + std::to_string(x.column) + ", " +
                   std::to_string(x.found) + " of " + std::to_string(x.expected) + ",";
        for (const auto &f : x.fields)
            out += (f ? shown(*f) : "NULL") + " ";
        out += " raw " + shown(x.raw) + "\n";
    }
    return out + "    " + std::to_string(r.blank) + " blank, " + std::to_string(r.before) + " before, " +
           std::to_string(r.records) + " records, " + std::to_string(r.bytes) + " bytes\n";
}

std::string shown(const setting &s) {
    const dialect &how = s.how;
    std::string out = "delimiter " + how.delimiter + " quote " + (how.quote ? how.quote : '-') + " escape " +
                      (how.escape ? how.escape : '-') + " comment " + how.comment;
    return out + (how.lenient ? " lenient" : "") + (how.blank_is_null ? " blank_is_null" : "") +
           (how.nulls.empty() ? "" : " nulls") + " skip_lines " + std::to_string(how.skip_lines) + ", fields " +
           std::to_string(s.fields) + " optional " + std::to_string(s.optional);
}

/// How often what was generated is of each kind: the tests must not pass by reading nothing.
struct tally {
    std::size_t good = 0, many_lines = 0, nulls = 0, blank = 0, why[8] = {};
    void add(const outcome &r) {
        blank += r.blank;
        for (const row &x : r.rows) {
            good += !x.why;
            many_lines += !x.why && x.last_line > x.line;
            nulls += !x.why && std::count(x.fields.begin(), x.fields.end(), std::nullopt) > 0;
            if (x.why)
                ++why[static_cast<int>(*x.why)];
        }
    }
};

/// What is read at once.
constexpr std::size_t block = std::size_t{1} << 16;

int failures; ///< of this test: a few are enough

class Reference : public testing::Test {
    void SetUp() override { failures = 0; }
};

/// Reads the text both ways. A text for which that differs is made smaller while it does.
void compare(sample s, const setting &set, tally *seen = nullptr) {
    if (failures >= 3)
        return;
    const outcome want = expected(s, set);
    if (seen)
        seen->add(want);
    if (same(read(s, set), want))
        return;
    ++failures;
    std::size_t tries = s.text.size() > 20 * block ? 0 : 2000;
    for (std::size_t n = std::max<std::size_t>(1, (s.text.size() - s.begin) / 2); n > 0; n /= 2)
        for (std::size_t at = s.begin; at + n <= s.text.size() && tries > 0;) {
            sample less = s;
            less.text.erase(at, n);
            if (--tries; same(read(less, set), expected(less, set)))
                at += n;
            else
                s = std::move(less);
        }
    ADD_FAILURE() << "text " << shown(std::string_view(s.text).substr(s.begin)) << "\n  at " << s.begin
                  << (s.alone ? ", by a prefix" : "") << "\n  " << shown(set) << "\n  record_reader:\n"
                  << shown(read(s, set)) << "  reference:\n"
                  << shown(expected(s, set));
}

// ---- What is generated ----

class generator {
public:
    explicit generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }
    template <class T> const T &one_of(const std::vector<T> &of) { return of[below(of.size())]; }

    /// The `i`th of all settings.
    static setting setting_of(std::size_t i) {
        auto choose = [&](std::size_t n) { return std::exchange(i, i / n) % n; };
        setting s;
        s.how.delimiter = std::vector<std::string>{";", ",", "\t", "||", "::"}[choose(5)];
        s.how.quote = "\"'\0"[choose(3)];
        s.how.escape = "\0\\"[choose(2)];
        s.how.lenient = choose(2);
        s.fields = choose(4);
        s.how.skip_lines = choose(3);
        s.how.blank_is_null = choose(2);
        if (choose(2))
            s.how.nulls = {"NA", "\\N", "a;"};
        if (choose(2))
            s.how.comment = s.how.delimiter.size() > 1 ? "##" : "#";
        s.optional = std::vector<std::size_t>{0, 1, 2, 9}[choose(4)];
        return s;
    }
    static constexpr std::size_t settings = 5 * 3 * 2 * 2 * 4 * 3 * 2 * 2 * 2 * 4;

    setting any_setting() { return setting_of(below(settings)); }

    std::string text(const setting &s) { return below(2) ? tokens(s, 1 + below(40)) : lines(s, 1 + below(6)); }

    /// Anything after anything.
    std::string tokens(const setting &s, std::size_t n) {
        std::string out = below(8) ? "" : "\xEF\xBB\xBF";
        while (n-- > 0)
            out += token(s);
        return out;
    }

    /// Records of the right kind for the most part, here and there with a byte more, less or other.
    std::string lines(const setting &s, std::size_t n) {
        std::string out = below(8) ? "" : "\xEF\xBB\xBF";
        const std::size_t fields = s.fields > 0 ? s.fields : 1 + below(3);
        const std::string end = line_end();
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < fields - (fields > 1 && below(8) == 0); ++k)
                out += (k > 0 ? s.how.delimiter : "") + value(s);
            out += below(6) ? end : line_end();
            if (below(8) == 0)
                out += line_end();
        }
        if (below(3) == 0)
            out.resize(out.size() - below(3) % out.size());
        if (below(2) == 0)
            for (std::size_t k = 1 + below(2); k > 0 && !out.empty(); --k)
                out.replace(below(out.size()), below(2), below(2) ? token(s) : "");
        return out;
    }

    std::string line_end() { return one_of(std::vector<std::string>{"\n", "\r\n", "\r"}); }

private:
    std::string quote_of(const setting &s) { return s.how.quote ? std::string(1, s.how.quote) : below(2) ? "\"" : "'"; }

    std::string token(const setting &s) {
        static const std::vector<std::string> rare = {"\0"s,
                                                      "\xE9",
                                                      "\xFF",
                                                      "\xFE",
                                                      "\xFD",
                                                      "\xFC",
                                                      "\xFB",
                                                      "\xFE\n",
                                                      "\xFC\n",
                                                      "\xEF\xBB\xBF",
                                                      "\xEF\xBB",
                                                      "\xED\xA0\x80",
                                                      "\xF4\x90\x80\x80",
                                                      "\xE2\x80",
                                                      "\x80",
                                                      "\xC0\x80",
                                                      "#",
                                                      "\"",
                                                      "'",
                                                      "\\",
                                                      "|",
                                                      ":",
                                                      ";",
                                                      ",",
                                                      "\t"};
        static const std::vector<std::string> common = {"a",
                                                        "b",
                                                        "ab",
                                                        " ",
                                                        "1",
                                                        "NA",
                                                        "\\N",
                                                        "\xC3\xA9",
                                                        "\xC2\xA0",
                                                        "\xE3\x80\x80",
                                                        "\xF0\x9F\x98\x80",
                                                        "abcdefghijklmnopq"};
        const std::string &d = s.how.delimiter, q = quote_of(s), e(1, '\\');
        switch (below(16)) {
        case 0:
        case 1:
        case 2:
            return d;
        case 3:
        case 4:
            return q;
        case 5:
            return d + q;
        case 6:
            return q + d;
        case 7:
            return q + q;
        case 8:
            return e + one_of(std::vector<std::string>{q, d, e, "a", "\n", ""});
        case 9:
        case 10:
        case 11:
            return line_end();
        case 12:
            return below(2) ? one_of(rare) : d.substr(below(d.size()));
        default:
            return one_of(common);
        }
    }

    std::string value(const setting &s) {
        static const std::vector<std::string> plain = {
            "", "", "a", "b c", "NA", " ", "\t", "\xC3\xA9t\xC3\xA9", "\xC2\xA0", "12", "x#", "\\N"};
        static const std::vector<std::string> content = {"\n", "\r\n", "\r",  "a",           "\xC3\xA9",        "\n\n",
                                                         " ",  "#",    "\n#", "longer text", "\xF0\x9F\x98\x80"};
        if (below(2) || !s.how.quote) {
            std::string out = one_of(plain);
            if (s.how.escape && below(3) == 0)
                out += s.how.escape + one_of(std::vector<std::string>{s.how.delimiter, quote_of(s), "\\", "n"}) +
                       one_of(plain);
            return out.find(s.how.delimiter) == out.npos || s.how.escape ? out : "";
        }
        const std::string q(1, s.how.quote);
        std::string out = q;
        for (std::size_t n = below(6); n > 0; --n)
            out += below(4)                   ? one_of(content)
                   : below(2)                 ? s.how.delimiter
                   : s.how.escape && below(2) ? s.how.escape + q
                                              : q + q;
        return out + q;
    }

    std::mt19937 random_;
};

/// The text behind good records, of which it begins at `at`.
sample behind(const std::string &text, std::size_t at, const setting &s, const std::string &end,
              std::size_t size = 1000, bool alone = false) {
    sample out;
    out.alone = alone;
    const std::size_t fields = out.width = s.fields > 0 ? s.fields : 1 + at % 3;
    auto add = [&](std::size_t bytes, const std::string &line_end) {
        std::string record;
        for (std::size_t k = 1; k < fields; ++k)
            record += "p" + s.how.delimiter;
        out.text += record;
        out.text.append(bytes - record.size() - line_end.size(), 'p');
        out.text += line_end;
        ++out.records;
    };
    out.text.reserve(at + text.size());
    while (out.text.size() + 2 * size < at)
        add(size, end);
    // A CR would be one line end with a LF that follows; and a prefix must not end in one.
    add(at - out.text.size(), end == "\r" && (alone || text.starts_with("\n")) ? "\n" : end);
    out.begin = out.text.size();
    out.text += text;
    return out;
}

const std::vector<std::string> line_ends = {"\n", "\r\n", "\r"};

/// Where windows end, if nothing is carried from one to the next.
const std::vector<std::size_t> later_ends = {block + 2 * block, 7 * block, 15 * block};

/// Texts in which everything has a boundary to lie on.
std::vector<std::pair<std::string, setting>> dense_texts() {
    std::vector<std::pair<std::string, setting>> out;
    auto add = [&](const std::string &text, std::size_t fields = 2, const std::string &delimiter = ";",
                   char escape = '\0') {
        setting s;
        s.how.delimiter = delimiter;
        s.how.escape = escape;
        s.fields = fields;
        out.emplace_back(text, s);
    };
    add("a;b\r\n1;2\rc;d\n\r\n\r\r\n\ne;f\r");
    add("\r\n\r\n\n\r\n\r\r\r\n\na;b\r\n", 1);
    add("\"a\r\nb\";c\r\n\"\r\n\";\"\r\"\r\"\n\n\";x\n");
    add("\"a\"\"b\r\n\"\"\";\"\"\r\n;\"\"\"\"\r\n\"\"\"\n\"\"\";\"\r\"");
    add("a;\"open\r\nb;c\rd;e\nf;g\r\n\r\n");
    add("a;\"x\r\ny\"z\r\nb;\"c\rd\";\n1;2\r3;\"4\n5\"\r\n");
    add("\xEF\xBB\xBF"
        "a;b\n\xEF\xBB\xBF\xEF\xBB\xBF"
        "c;d\r\n\xEF\xBB\xBF\"e\";f\r\"\n\xEF\xBB\xBF\";g");
    add("\xEF\xBB\xBF\xEF\xBB\xBF\xEF\xBB\xBF\n\xEF\xBB\xBF\r\n\xEF\xBB\n", 1);
    add("\xC3\xA9;\xE3\x80\x80\xF0\x9F\x98\x80\r\n\"\xF0\x9F\x98\x80\r\n\xC3\xA9\";\xC3\n\xA9;\xFE\n\xFC\n\xFE;\r\n");
    add("a\0;b\n\0\r\n\"\0\r\n\";c\r\0\n;\0;\r\n"s);
    add("a||b\r\n|||\n||\"||\r\n||\"\n\"|\"||||\r\"\"||", 2, "||");
    add("a\\||b||c\r\n\\\"||\"\\\"\r\n\\\\\"\r\"\\\r\n\\\"\"||\\\\\n", 2, "||", '\\');
    add("\\;;\\\\\r\n\\\r\n\"\\\";\\\r\n\\\\\";\"\\\n\"\rx;\\", 2, ";", '\\');
    return out;
}

} // namespace

TEST_F(Reference, SmallTexts) {
    generator g(1);
    tally seen;
    for (std::size_t i = 0; i < generator::settings; ++i) {
        const setting s = generator::setting_of(i);
        compare({g.text(s)}, s, &seen);
        if (i % 2)
            compare({g.tokens(s, 1 + g.below(8))}, s, &seen);
    }
    EXPECT_GT(seen.good, 5000u);
    EXPECT_GT(seen.many_lines, 500u);
    EXPECT_GT(seen.nulls, 1000u);
    EXPECT_GT(seen.blank, 1000u);
    for (auto why : {bad_record::reason::field_count, bad_record::reason::encoding, bad_record::reason::nul,
                     bad_record::reason::unclosed_quote, bad_record::reason::text_after_quote,
                     bad_record::reason::quote_in_unquoted})
        EXPECT_GT(seen.why[static_cast<int>(why)], 50u) << static_cast<int>(why);
}

TEST_F(Reference, LongerTexts) {
    generator g(2);
    for (int i = 0; i < 24; ++i) {
        const setting s = g.any_setting();
        compare({g.lines(s, 3000)}, s);
        compare({g.tokens(s, 20000)}, s);
    }
}

TEST_F(Reference, TextsAfterAPrefix) {
    generator g(3);
    for (int i = 0; i < 350; ++i) {
        const setting s = g.any_setting();
        compare(behind(g.text(s), 200 + g.below(100), s, g.line_end(), 50, true), s);
    }
}

// Every place of these on every boundary.
TEST_F(Reference, DenseTextsAtBlocksAndWindows) {
    for (const auto &[text, s] : dense_texts())
        for (int delta = -70; delta <= 10; ++delta)
            compare(behind(text, block + static_cast<std::size_t>(delta), s,
                           line_ends[static_cast<std::size_t>(delta + 70) % 3]),
                    s);
    generator g(4);
    for (const auto &[text, s] : dense_texts())
        for (const std::size_t end : later_ends)
            for (int i = 0; i < 8; ++i)
                compare(behind(text, end - 70 + g.below(81), s, g.line_end(), 30000), s);
}

TEST_F(Reference, GeneratedTextsAtBlocksAndWindows) {
    generator g(5);
    for (int i = 0; i < 800; ++i) {
        const setting s = g.any_setting();
        const std::string text = g.text(s);
        compare(behind(text, block + 40 - g.below(81), s, g.line_end(), 10000), s);
        if (i % 10 == 0)
            compare(behind(text, g.one_of(later_ends) + 40 - g.below(81), s, g.line_end(), 30000), s);
    }
    for (int i = 0; i < 6; ++i) {
        const setting s = g.any_setting();
        const std::string text = g.lines(s, 4), end = g.line_end();
        for (int delta = -40; delta <= 40; ++delta)
            compare(behind(text, block + static_cast<std::size_t>(delta), s, end, 10000), s);
    }
}

TEST_F(Reference, RecordOf40MB) {
    setting s;
    s.fields = 2;
    std::string text = "a,b\r\n1,\"";
    for (std::size_t i = 0; text.size() < 40'000'000; ++i)
        (text += i % 7 ? "a line of it, \"\"\xC3\xA9\"\"" : std::string(i % 5000, 'x')) += line_ends[i % 3];
    compare({text + "\"\r\nc,d"}, s);
    generator g(6); // lost in its last line, all its lines are read again
    std::string open = "a,\"";
    for (std::size_t i = 0; open.size() < 1'000'000; ++i)
        open += std::string(i % 300, 'x') + (i % 3 ? ",y" : "") + g.line_end();
    compare({open}, s);
    compare({open + "\"z\n1,2\n"}, s);
}

TEST_F(Reference, FieldOf15MB) {
    setting s;
    s.fields = 2;
    const std::string x(15'000'000, 'x');
    compare({"a,b\r\n\"" + x + "\"\"\",c\rd,e\n"}, s);
    compare({"a,b\r\n1," + x + "\r\nd,e\n"}, s);
}

TEST_F(Reference, LineOver16MiB) {
    setting s;
    s.fields = 2;
    for (const std::string &end : line_ends)
        for (const std::size_t more : {std::size_t{0}, block + 3}) {
            const std::string x((std::size_t{1} << 24) + more, 'x');
            compare({"a,b" + end + x + end + "1,\"\r\n\"" + end + end + "2,3"}, s);
        }
    compare({"a,\"b\n1,2\r" + std::string(std::size_t{1} << 24, 'x') + "\r\n3,4\n"}, s);
}
