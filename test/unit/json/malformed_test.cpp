// What is no JSON, or no record, is a reject or an error of the file, whatever stands behind it, and leaves nothing.

#include "../bytes/memory_file.h"
#include "core/json/record_reader.h"

#include <gtest/gtest.h>

using namespace barometre;
using barometre::test::repeated;
using namespace std::string_literals;

namespace {

/// The records and faults of a text, a line each, and its fields; `error`: the file can't be read.
std::string read(const std::string &text, const json::dialect &how, const bytes::prefix *before = nullptr) {
    const test::memory_file file(text);
    std::string out;
    try {
        json::record_reader in(file.fd, how, {}, before);
        in.on_bad = [&](const json::bad_record &bad) {
            out += "bad " + std::to_string(bad.line) + " " + bad.why.path + "\n";
        };
        while (in.next()) {
            out += std::to_string(in.line()) + (in.path().empty() ? "" : " " + in.path()) + ":";
            for (const record::field &f : in.fields())
                out += " " + (f.is_null ? "NULL" : std::string(f.text));
            out += "\n";
        }
        const json::found_header found = in.header();
        for (std::size_t i = 0; i < found.names.size(); ++i)
            out += found.names[i] + " " + record::sql_name(found.types[i]) + ";";
    } catch (const bytes::unreadable &) {
        out += "error";
    }
    return out;
}

std::string lines(const std::string &text, std::size_t flatten = 0) {
    return read(text, {.lines = true, .flatten = flatten});
}

std::string document(const std::string &text, const std::string &path = "") {
    return read(text, {.records_path = *json::read_path(path)});
}

std::string unpivoted(const std::string &text) { return read(text, {.levels = {"k", "l"}, .leaf = "v"}); }

} // namespace

// simdjson went on behind the end of these, where it took what follows for a value of 4 GiB.
TEST(JsonMalformed, AColonBehindATextThatIsNoKey) {
    for (const std::string text :
         {R"(["b":1],)", R"(["b":1],5)", R"(["b":1],[{"a":1}])", "[1,],", "[,],", "[],]", "[},],",
          R"([["b":1],{"x":1}],)", R"([{"a":"b":1},{"x":1}],)", R"({"a":["b":1],"c":2},)"})
        EXPECT_TRUE(document(text).ends_with("error")) << text << "\n" << document(text);
    EXPECT_EQ(document(R"([{"a":"b":1},{"x":1}])"), "bad 1 [0]\n1 [1]: 1\nx bigint;");
}

TEST(JsonMalformed, BracketsThatDoNotMatchBehindAColon) {
    EXPECT_EQ(lines(R"({"k":[["b":1},2],3]})"), "bad 1 k[0]\n");
    EXPECT_EQ(lines(R"({"a":"x":1})"), "bad 1 \n");
}

TEST(JsonMalformed, ABlankIsNoNul) {
    EXPECT_EQ(lines("{\"a\":1\0,\"b\":2}\n"s), "bad 1 a\n");
    EXPECT_EQ(lines("{\"a\":true\0}\n"s), "bad 1 a\n");
}

TEST(JsonMalformed, ARejectNeitherMakesNorWidensAField) {
    EXPECT_EQ(lines("{\"b\":\"x\",\"new\":1,\"a\":01}\n{\"a\":1,\"b\":2}\n{\"c\":1.5,\"b\":\"\\u0000\"}"),
              "bad 1 a\n2: 1 2\nbad 3 b\na bigint;b bigint;");
    EXPECT_EQ(lines("{\"a\":\"x\",\"a\":1}"), "1: 1\na bigint;") << "of equal keys the last one counts";
}

TEST(JsonMalformed, NoLeavesOfWhatIsUnpivotedAndFaulty) {
    EXPECT_EQ(unpivoted(R"({"x":{"a":1,"b":tru},"y":{"a":2}})"), "bad 1 x.b\n1 y.a: y a 2\nk text;l text;v bigint;");
}

TEST(JsonMalformed, AKeyWithQuotesHasAWholePath) {
    EXPECT_EQ(unpivoted(R"({"a\"b":{"c":1}})"), "1 [\"a\\\"b\"].c: a\"b c 1\nk text;l text;v bigint;");
}

TEST(JsonMalformed, AMemberThatALaterEqualKeyReplacedIsNotInTheWay) {
    EXPECT_EQ(lines(R"({"a":{"b":1},"a":{"c":2},"a__b":3})", 1), "1: 3 2\na__b bigint;a__c bigint;");
    EXPECT_EQ(lines(R"({"a":{"b":1},"a__b":3})", 1), "bad 1 a__b\n");
}

TEST(JsonMalformed, ExponentsThatFitNoNumber) {
    for (const std::string e :
         {"9223372036854775807", "-9223372036854775807", "-9223372036854775808", "999999999999999999999"})
        EXPECT_EQ(lines("{\"a\":10.25e" + e + "}"), "1: 10.25e" + e + "\na text;");
}

TEST(JsonMalformed, AMarkOfTheEndIsNoRecord) {
    EXPECT_EQ(lines("{\"a\":1}\n\x1A"), "1: 1\na bigint;");
    EXPECT_EQ(lines("{\"a\":1}\x1A"), "1: 1\na bigint;");
    EXPECT_EQ(document("[{\"a\":1}]\r\n\x1A"), "1 [0]: 1\na bigint;");
}

TEST(JsonMalformed, LinesBehindAPrefixWithACrAlone) {
    const std::string begin = "{\"a\":\r1}\n", text = begin + "{\"a\":2}\n";
    const test::memory_file file(text);
    const bytes::prefix before = bytes::read_prefix(file.fd, begin.size());
    EXPECT_EQ(read(text, {.lines = true}, &before), "2: 2\na bigint;");
}

TEST(JsonMalformed, WhatIsBrokenOffAnywhere) {
    const std::string whole = "{\"a\":[1,{\"b\":\"\\u00e9\\ud83d\\ude00\xC3\xA9\"}],\"c\":-1.5e3}\r\n\n"
                              "{\"c\":null,\"a\\\"\":\"x\"}\n";
    const std::string first = lines(whole.substr(0, whole.find('\n')));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string got = lines(whole.substr(0, size));
        if (size > whole.find('\n')) {
            EXPECT_TRUE(got.starts_with(first.substr(0, first.find('\n') + 1))) << size << "\n" << got;
        }
        document(whole.substr(0, size));
        document(whole.substr(0, size) + ",");
        unpivoted(whole.substr(0, size));
    }
}

// Of a record that is a part of a document, and of the last line, what stands behind is not of it.
TEST(JsonMalformed, MutilatedDocumentsEnd) {
    const std::string whole = R"({"d":[{"a":"b","c":[1,["x",{"y":"z"}]]},{"a":{"b":[]}}],"e":"f"},)";
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (const char c : "]},:\"1"s) {
            std::string text = whole, more = whole;
            text[at] = c;
            more.insert(at, 1, c);
            for (const std::string &one : {text, more}) {
                document(one);
                document(one, "d[*]");
                lines(one, 1);
            }
        }
}

TEST(JsonMalformed, DeepAndWideRecordsEnd) {
    const std::string open(1'000'000, '['), close(1'000'000, ']');
    EXPECT_TRUE(lines("{\"a\":" + open + close + "}").starts_with("bad 1 a[0][0]"));
    EXPECT_EQ(lines(open), "bad 1 \n");
    EXPECT_EQ(document(open), "error");
    std::string wide = "{\"a\":{";
    for (int i = 0; i < 100'000; ++i)
        wide += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
    // Each of equal keys once had all members of the first one looked at.
    wide += "}" + repeated(",\"a\":{}", 20'000) + "}";
    EXPECT_TRUE(lines(wide, 1).starts_with("1: NULL NULL"));
}

TEST(JsonMalformed, LinesOverTheEndOfTheBuffer) {
    const std::string record = "{\"a\":\"\\u00e9\xC3\xA9\\\\\",\"b\":[1]}\r\n";
    for (std::size_t before = 0; before <= record.size(); before += 2) {
        const std::string padding = std::string((1 << 19) - before - 1, ' ') + "\n";
        EXPECT_EQ(lines(padding + record + record),
                  "2: \xC3\xA9\xC3\xA9\\ [1]\n3: \xC3\xA9\xC3\xA9\\ [1]\na text;b jsonb;")
            << before;
    }
}

TEST(JsonPath, IsReadAsJsonpathWritesIt) {
    const auto shown = [](const std::string &path) {
        const auto steps = json::read_path(path);
        return steps ? json::shown(*steps) : "none";
    };
    EXPECT_EQ(shown("data"), "data");
    EXPECT_EQ(shown("$.DataFeed.Rows[*]"), "DataFeed.Rows");
    EXPECT_EQ(shown("$"), "");
    EXPECT_EQ(shown("pages[*].data[*]"), "pages[*].data");
    EXPECT_EQ(shown("['a.b'].c"), "[\"a.b\"].c");
    for (const char *path : {"a..b", ".a", "a.", "a[0]", "a[", "a]", "['a", "a*", "$a"})
        EXPECT_EQ(shown(path), "none") << path;
    std::string deep = "a";
    for (int i = 0; i < 100; ++i)
        deep += "[*].a";
    EXPECT_EQ(shown(deep), "none") << "one call goes into another for each step";
}

TEST(JsonUnpivot, ARecordIsWhereItsValueStands) {
    EXPECT_EQ(unpivoted("{\"x\": {\n  \"a\": 1,\n  \"b\":\n 2},\n \"y\": {\"c\": {\n}}}"),
              "2 x.a: x a 1\n4 x.b: x b 2\n5 y.c: y c {\n}\nk text;l text;v jsonb;");
}
