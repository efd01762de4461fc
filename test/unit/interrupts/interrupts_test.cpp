// Whatever takes long can be stopped: each phase of core/ asks, in proportion to its input, and ends with what the
// check throws.
#include "../bytes/memory_file.h"
#include "../project/project_folder.h"
#include "core/bytes/content.h"
#include "core/bytes/decoder.h"
#include "core/csv/look.h"
#include "core/csv/record_reader.h"
#include "core/graph/selection.h"
#include "core/interrupts.h"
#include "core/jinja/render.h"
#include "core/json/look.h"
#include "core/json/record_reader.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "core/singer/record_reader.h"

#include <gtest/gtest.h>

#include <functional>

using namespace barometre;
using barometre::test::repeated;

namespace {

struct stop {};

/// Counts how often it is asked, and stops at the last of so many.
class asking {
public:
    explicit asking(int most) : most_(most) {
        interrupts = {[](void *of) {
                          if (auto *me = static_cast<asking *>(of); ++me->asked == me->most_)
                              throw stop();
                      },
                      this};
    }
    ~asking() { interrupts = {}; }
    asking(const asking &) = delete;
    asking &operator=(const asking &) = delete;
    int asked = 0;

private:
    int most_;
};

/// How often it asks; and it stops wherever it does.
int asks(const std::function<void()> &work) {
    int all = 0;
    {
        const asking none(-1);
        work();
        all = none.asked;
    }
    for (const int at : {1, 2, all / 2, all}) {
        const asking some(std::max(at, 1));
        EXPECT_THROW(work(), stop) << at << " of " << all;
    }
    return all;
}

} // namespace

TEST(Interrupts, TemplatesAsk) {
    auto rendered = [](const std::string &source) { return asks([&] { jinja::find_references(source, "m.sql"); }); };
    EXPECT_GT(rendered("{% for i in range(1000) %}{{ i }}{% endfor %}"), 1000);
    EXPECT_GT(rendered(repeated("{{ 1 }}", 1000)), 3000);
    EXPECT_GT(rendered("{{ [" + repeated("1,", 1000) + "1] }}"), 4000);
    EXPECT_GT(rendered("{% set a = range(1000) | list %}{{ a | sort | length }}{{ a == a }}"), 1000);
}

TEST(Interrupts, AProjectIsReadAsking) {
    auto reads = [](const folder &f) { return asks([&] { f.read(); }); };
    const int nothing = reads(folder().with("barometre.yml", head));
    EXPECT_GT(reads(folder().with("barometre.yml", head + "vars: {a: [" + repeated("1,", 1000) + "1]}\n")),
              nothing + 1000);
    EXPECT_GT(reads(folder().with("barometre.yml", head + repeated("# x\n", 50'000))), nothing + 40) << "only scanned";
    folder many;
    many.with("barometre.yml", head);
    for (int i = 0; i < 100; ++i)
        many.with("models/m" + std::to_string(i) + ".sql", "select 1").with("models/other" + std::to_string(i), "");
    EXPECT_GT(reads(many), nothing + 300);
}

TEST(Interrupts, FilesAreReadAsking) {
    const std::string text = repeated("a,b\n1,2\n", 1 << 18), one_line(std::size_t{4} << 20, 'x');
    const test::memory_file plain(text), endless(test::gzip(one_line));
    EXPECT_GE(asks([&] { bytes::hash_file(plain.fd); }), 2);
    EXPECT_GE(asks([&] { bytes::read_prefix(plain.fd, text.size()); }), 2);
    EXPECT_GE(asks([&] { bytes::is_valid_in(plain.fd, {}); }), 2);
    csv::dialect how{.delimiter = ","};
    auto all = [&] {
        csv::record_reader in(plain.fd, how, 0);
        while (in.next()) {
        }
    };
    EXPECT_GE(asks(all), 10);
    how.coding.packed = bytes::compression::gzip;
    // What is packed may be a thousand times as much, and have no line to end at.
    auto first = [&] {
        csv::record_reader in(endless.fd, how, 0);
        in.on_bad = [](const csv::bad_record &) {};
        in.next();
    };
    EXPECT_GE(asks(first), 30);
    how.delimiter = "";
    EXPECT_GE(asks([&] { csv::look_at(endless.fd, how, 0); }), 30);
}

TEST(Interrupts, JsonIsReadAsking) {
    const std::string record = "{\"a\": [1, {\"b\": \"x\"}]}";
    const test::memory_file lines(repeated(record + "\n", 1 << 15)),
        endless(test::gzip(std::string(std::size_t{4} << 20, ' '))),
        document("{\"d\": [" + repeated(record + ",", 1 << 15) + record + "]}");
    const auto all = [&](const test::memory_file &file, json::dialect how) {
        return asks([&] {
            json::record_reader in(file.fd, how);
            in.on_bad = [](const json::bad_record &) {};
            while (in.next()) {
            }
        });
    };
    EXPECT_GE(all(lines, {.lines = true}), 32);
    EXPECT_GE(all(document, {.records_path = *json::read_path("d")}), 64) << "once for the places, and for the records";
    json::dialect packed{.lines = true};
    packed.coding.packed = bytes::compression::gzip;
    EXPECT_GE(all(endless, packed), 4);
    EXPECT_GE(asks([&] { json::look_at(endless.fd, packed); }), 4);
}

TEST(Interrupts, SingerMessagesAreReadAsking) {
    const std::string schema = "{\"type\": \"SCHEMA\", \"stream\": \"a\", \"schema\": {\"properties\": {\"id\": {}}}, "
                               "\"key_properties\": []}\n",
                      record = "{\"type\": \"RECORD\", \"stream\": \"a\", \"record\": {\"id\": 1}}\n";
    const test::memory_file file(schema + repeated(record, 1 << 15)), blank(repeated("\n", 1 << 15));
    for (const bool passes : {true, false})
        EXPECT_GE(asks([&] { singer::read_content(file.fd, {}, 0, [&](const std::string &) { return passes; }); }), 32);
    EXPECT_GE(asks([&] { singer::read_content(blank.fd, {}, 0, [](const std::string &) { return true; }); }), 32);
    const singer::content held = singer::read_content(file.fd, {}, 0, [](const std::string &) { return true; });
    EXPECT_GE(asks([&] {
                  singer::record_reader in(file.fd, held, {.stream = "a", .fields = {"id"}});
                  while (in.next()) {
                  }
              }),
              32);
}

TEST(Interrupts, GraphsAndNamesAsk) {
    graph::dag chain;
    std::vector<std::string> names;
    for (int i = 0; i < 200; ++i) {
        names.push_back("m" + std::to_string(1000 + i));
        if (i > 0)
            chain.add_edge(names[static_cast<std::size_t>(i - 1)], names.back());
    }
    EXPECT_GE(asks([&] { chain.order(); }), 200);
    EXPECT_GE(asks([&] { chain.ancestors("m1199"); }), 199);
    EXPECT_GE(asks([&] { name::nearest("m5", names); }), 200);
    EXPECT_GE(asks([&] { graph::select_nodes(chain, {}, repeated("m1000 ", 200)); }), 200);
    EXPECT_GE(asks([&] { graph::select_nodes(chain, {}, "m*9"); }), 200);
}

// "**/**/..." was matched by a recursion as deep as it is long, and "*" by one that grew with each of them.
TEST(Interrupts, PatternsOfManyStarsEnd) {
    graph::dag g;
    g.add_node("m");
    graph::traits known;
    known["m"].path = "models/" + repeated("a/", 60) + "m.sql";
    EXPECT_TRUE(graph::select_nodes(g, known, "path:" + repeated("**/", 20'000) + "m.sql").count("m"));
    EXPECT_THROW(graph::select_nodes(g, known, "path:" + repeated("**/a/", 55) + "**/x"), error);
    EXPECT_THROW(graph::select_nodes(g, known, "path:models/" + repeated("*", 20'000) + "x"), error);
}
