// What files of Singer messages hold, and the records of one stream in them.

#include "../bytes/memory_file.h"
#include "core/json/padding.h"
#include "core/singer/record_reader.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

constexpr char schema[] = R"({"type":"SCHEMA","stream":"a","schema":{"properties":{"id":{"type":"integer"},"v":{}}},)"
                          R"("key_properties":["id"]})"
                          "\n";

std::string type_of(const std::string &schema) {
    const std::string padded = schema + std::string(json::padding, ' ');
    json::tree read;
    const auto bad = json::tree_reader().read(std::string_view(padded).substr(0, schema.size()), json::deepest, read);
    return bad ? bad->reason : singer::sql_type(read);
}

/// Its streams with their records, its state, and the records of stream a with their lines; or what is wrong.
std::string read(const std::string &text, bool reads = true) {
    const test::memory_file file(text);
    std::string out;
    try {
        const singer::content held =
            singer::read_content(file.fd, {}, 0, [&](const std::string &name) { return reads && name == "a"; });
        for (const singer::stream_content &s : held.streams)
            out += s.name + " " + std::to_string(s.records) + (s.active_version ? " active" : "") + "; ";
        out += held.state.value_or("");
        singer::record_reader in(file.fd, held, {.stream = "a", .fields = {"id", "v"}});
        in.on_bad = [&](const json::bad_record &bad) {
            out += "\nbad " + std::to_string(bad.line) + " " + bad.why.path;
        };
        while (in.next()) {
            out += "\n" + std::to_string(in.line()) + ":";
            for (const record::field &f : in.fields())
                out += " " + (f.is_null ? "NULL" : std::string(f.text));
        }
        EXPECT_EQ(in.hash(), held.hash) << text;
    } catch (const bytes::unreadable &e) {
        out += "error: " + e.clause;
    }
    return out;
}

std::string after_schema(const std::string &text) { return read(schema + text); }

} // namespace

TEST(Singer, TypesOfSchemas) {
    const std::pair<const char *, const char *> types[] = {
        {R"({"type":"integer"})", "bigint"},
        {R"({"type":["null","integer"]})", "bigint"},
        {R"({"type":"integer","maximum":9223372036854775807})", "bigint"},
        {R"({"type":"integer","maximum":9223372036854775808})", "numeric"},
        {R"({"type":"integer","minimum":-1e400})", "numeric"},
        {R"({"type":["integer","number"]})", "numeric"},
        {R"({"type":["integer","string"]})", "text"},
        {R"({"type":["integer","boolean"]})", "text"},
        {R"({"type":"string","format":"date-time"})", "timestamp with time zone"},
        {R"({"type":"string","format":"date"})", "date"},
        {R"({"type":"string","format":"time"})", "time without time zone"},
        {R"({"type":"string","format":"uuid"})", "uuid"},
        {R"({"type":"string","format":"email"})", "text"},
        {R"({"type":"integer","format":"date-time"})", "bigint"},
        {R"({"type":"date-time"})", "text"},
        {R"({"type":["null"]})", "text"},
        {R"({"type":[]})", "text"},
        {"{}", "text"},
        {R"({"type":"object"})", "jsonb"},
        {R"({"type":["null","array"]})", "jsonb"},
        {R"({"properties":{}})", "jsonb"},
        {R"({"items":{"type":"string"}})", "jsonb"},
        {R"({"anyOf":[{"type":"null"},{"type":"string","format":"date-time"}]})", "timestamp with time zone"},
        {R"({"anyOf":[{"type":"string"},{"type":"string","format":"date-time"}]})", "text"},
        {R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "numeric"},
        {R"({"oneOf":[{"anyOf":[{"type":"object"}]},{"type":"string"}]})", "jsonb"},
        {R"({"anyOf":17,"type":{"type":1}})", "text"},
    };
    for (const auto &[said, wanted] : types)
        EXPECT_EQ(type_of(said), wanted) << said;
}

TEST(Singer, WholeNumbersInOtherForms) {
    const std::pair<const char *, const char *> numbers[] = {
        {"2.0", "2"},        {"-2.000", "-2"},
        {"1e2", "100"},      {"1.50E+3", "1500"},
        {"1200e-2", "12"},   {"0.0", "0"},
        {"-0.0e5", "0"},     {"0e999", "0"},
        {"12.30e1", "123"},  {"1e-0", "1"},
        {"1.5", "none"},     {"1e-1", "none"},
        {"1e9999", "none"},  {"1e99999999999999999999", "none"},
        {"0.001e2", "none"}, {"0.001e3", "1"},
    };
    for (const auto &[number, wanted] : numbers)
        EXPECT_EQ(singer::whole_number(number).value_or("none"), wanted) << number;
    EXPECT_EQ(singer::whole_number("1e400"), "1" + std::string(400, '0'));
}

TEST(Singer, SchemasThatAreTooDeepOrTooLarge) {
    std::string deep;
    for (int i = 0; i < 100000; ++i)
        deep += R"({"anyOf":[)";
    EXPECT_NE(type_of(deep), "text");
    std::string wide = R"({"enum":[)";
    for (int i = 0; i < 1100000; ++i)
        wide += "0,";
    EXPECT_EQ(type_of(wide + "0]}"), "it has more than a million values");
}

TEST(Singer, MessagesInAnyOrderAndForm) {
    const std::string record = R"({"type":"RECORD","stream":"a","record":{"id":1,"v":"x","w":[1]}})";
    EXPECT_EQ(after_schema(record + "\n"), "a 1; \n2: 1 x");
    EXPECT_EQ(after_schema(record), "a 1; \n2: 1 x") << "without an end, but complete";
    EXPECT_EQ(after_schema("\r\n  \n" + record + "\r\n\x1A"), "a 1; \n4: 1 x");
    EXPECT_EQ(after_schema(R"( {"record" : {"v":"x","id":1}, "stream":"\u0061", "type":"RECORD"})"), "a 1; \n2: 1 x");
    EXPECT_EQ(after_schema(record + "\n" + R"({"type":"RECORD","stream":"a","version":1,"record":{}})" + "\n" + record),
              "a 3; \n2: 1 x\n3: NULL NULL\n4: 1 x");
    EXPECT_EQ(after_schema(R"({"type":"RECORD","stream":"a","record":{"id":1,"id":2}})"), "a 1; \n2: 2 NULL");
    EXPECT_EQ(after_schema(R"({"type":"STATE","value":{"x":[1e400]}})"), R"(a 0; {"x":[1e400]})");
    EXPECT_EQ(after_schema(R"({"type":"STATE","value":null})"), "a 0; {}");
    EXPECT_EQ(read("\xEF\xBB\xBF" + std::string(schema) + record), "a 1; \n2: 1 x");
    EXPECT_EQ(read(R"({"type":"ACTIVATE_VERSION","stream":"a","version":7})"
                   "\n" +
                   std::string(schema) + record),
              "a 1 active; \n3: 1 x");
    EXPECT_EQ(read(""), "");
}

TEST(Singer, ARecordOfAnotherStreamIsNotMistaken) {
    const std::string other = R"({"type":"SCHEMA","stream":"b","schema":{"properties":{"id":{}}},"key_properties":[]})"
                              "\n";
    const auto record = [](const std::string &stream) {
        return R"({"type": "RECORD", "stream": ")" + stream + R"(", "record": {"id": 1}})" + "\n";
    };
    const std::string all = other + record("a") + record("b") + record("a") + record("b");
    EXPECT_EQ(after_schema(all), "a 2; b 2; \n3: 1 NULL\n5: 1 NULL");
    EXPECT_EQ(read(schema + all, false), "a 2; b 2; \n3: 1 NULL\n5: 1 NULL") << "when all are parsed at once";
    EXPECT_EQ(after_schema(all + record("c")), "error: line 7: a RECORD of stream \"c\" before its SCHEMA");
    EXPECT_EQ(after_schema(record("a") + record(R"(a\")")),
              R"(error: line 3: a RECORD of stream "a"" before its SCHEMA)");
}

TEST(Singer, WhatMakesNoSenseStopsTheFile) {
    const std::string record = R"({"type":"RECORD","stream":"a","record":{"id":1}})"
                               "\n";
    for (const char *line : {"x",
                             "[]",
                             "17",
                             "{",
                             "{}",
                             R"({"type":1})",
                             R"({"type":"RECORD"})",
                             R"({"type":"RECORD","stream":"a"})",
                             R"({"type":"RECORD","stream":"a","record":[]})",
                             R"({"type":"RECORD","stream":1,"record":{}})",
                             R"({"type":"RECORD","stream":"a","record":{}} {})",
                             R"({"type":"RECORD","stream":"a","record":{"id":tru}})",
                             R"({"type":"RECORD","stream":"a","record":{},"record":{}})",
                             R"({"type":"RECORD","stream":"a","record":{},"type":"STATE"})",
                             R"({"type":"RECORD","stream":"a","record":{},"stream":"b"})",
                             "{\"type\":\"RECORD\",\"stream\":\"a\",\"record\":{\"id\":\"\xFF\"}}",
                             R"({"type":"SCHEMA"})",
                             R"({"type":"SCHEMA","stream":"b","key_properties":[]})",
                             R"({"type":"SCHEMA","stream":"","schema":{}})",
                             R"({"type":"STATE"})",
                             R"({"type":"ACTIVATE_VERSION","stream":"a"})",
                             R"({"type":"ACTIVATE_VERSION","stream":"a","version":1.5})",
                             R"({"type":"ACTIVATE_VERSION","stream":"a","version":99999999999999999999})",
                             R"({"type":"BATCH"})"}) {
        EXPECT_NE(after_schema(record + line + "\n" + record).find("error: line 3: "), std::string::npos)
            << line << "\n"
            << after_schema(record + line + "\n" + record);
        EXPECT_NE(after_schema(record + line).find("error: line 3: "), std::string::npos) << line;
    }
    const std::string whole = schema + record;
    for (std::size_t cut = sizeof schema; cut + 2 < whole.size(); ++cut)
        EXPECT_EQ(read(whole.substr(0, cut)).rfind("error: line 2: the last line is not complete", 0), 0u) << cut;
}

TEST(Singer, AValueThatNoTextCanHoldIsARejectOfItsRecord) {
    const std::string good = R"({"type":"RECORD","stream":"a","record":{"id":1}})"
                             "\n";
    for (const char *value : {R"("\u0000")", R"("\ud800")", "NaN", "-Infinity"}) {
        const std::string bad = R"({"type":"RECORD","stream":"a","record":{"id":1,"v":)" + std::string(value) + "}}\n";
        EXPECT_EQ(after_schema(bad + good), "a 2; \nbad 2 record.v\n3: 1 NULL") << value;
        EXPECT_EQ(after_schema(good + bad + good), "a 3; \n2: 1 NULL\nbad 3 record.v\n4: 1 NULL") << value;
    }
}
