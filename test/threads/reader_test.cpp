// The two threads of a load, under ThreadSanitizer: what reads and packs, and what takes the batches.
#include "core/csv/record_reader.h"
#include "core/thread/producer.h"
#include "pg/row_packer.h"
#include "pg/value_shape.h"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

using namespace barometre;

/// The catalog is asked about types of which there are none here.
value::shape pg::shape_of(oid) { return {}; }

namespace {

using rows = thread::producer<pg::row_batch>;

/// A file in memory of `records` lines: a number that ascends, and a text.
class numbers {
public:
    explicit numbers(int records) : fd(memfd_create("numbers", 0)) {
        std::string text = "id,name\n";
        for (int i = 0; i < records; ++i)
            text += std::to_string(i) + ",name of " + std::to_string(i) + "\n";
        EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    ~numbers() { ::close(fd); }
    numbers(const numbers &) = delete;
    numbers &operator=(const numbers &) = delete;
    const int fd;
};

/// What a load's reader keeps beside the batches.
struct kept {
    std::vector<std::string> hashes;
    std::uint64_t records = 0;
};

constexpr pg::oid int8 = 20, text_type = 25;

std::unique_ptr<pg::row_packer> packer() {
    return std::make_unique<pg::row_packer>(
        std::vector<pg::stored_type>{{int8}, {text_type}, {int8}, {int8}},
        std::vector<pg::insert_column>{{"id", "bigint", false, true}, {"name", "text"}});
}

std::function<void(rows::outlet &)> reading(int fd, pg::row_packer &into, kept &done) {
    return [fd, &into, &done](rows::outlet &out) {
        auto batch = out.next_batch();
        csv::record_reader in(fd, {.delimiter = ","}, 0);
        into.take_from({0, 1});
        in.next();
        while (in.next()) {
            ++done.records;
            into.put(in.fields(), in.has_margins(), 1, static_cast<std::int64_t>(in.line()), *batch);
            if (batch->full()) {
                out.put(std::move(batch));
                batch = out.next_batch();
            }
        }
        done.hashes.push_back(bytes::to_hex(in.hash()));
        out.put(std::move(batch));
    };
}

} // namespace

TEST(Reader, GivesAllRowsInOrder) {
    const numbers file(20'000);
    const auto pack = packer();
    kept done;
    rows reader(reading(file.fd, *pack, done));
    std::int64_t line = 1;
    while (auto batch = reader.take()) {
        for (const auto &row : batch->rows)
            EXPECT_EQ(row.line, ++line);
        batch->clear();
        reader.give_back(std::move(batch));
    }
    reader.stop();
    EXPECT_EQ(line, 20'001);
    EXPECT_EQ(done.records, 20'000u);
    EXPECT_EQ(done.hashes.size(), 1u);
}

// The backend read what the reader was still writing.
TEST(Reader, WhatItKeptIsReadOnceItWasStopped) {
    const numbers file(20'000);
    for (int wanted = 0; wanted < 4; ++wanted) {
        const auto pack = packer();
        kept done;
        rows reader(reading(file.fd, *pack, done));
        std::size_t seen = 0;
        for (int i = 0; i < wanted; ++i)
            if (auto batch = reader.take()) {
                seen += batch->rows.size();
                batch->clear();
                reader.give_back(std::move(batch));
            }
        reader.stop();
        reader.stop(); // once more is nothing
        EXPECT_GE(done.records, seen);
        pack->keys_ascended();
        EXPECT_LE(done.hashes.size(), 1u);
    }
}

TEST(Reader, TellsItsFailureAfterWhatCameBefore) {
    rows reader([](rows::outlet &out) {
        for (int i = 0; i < 3; ++i)
            out.put(out.next_batch());
        throw error("22000", "broken");
    });
    int batches = 0;
    const auto all = [&] {
        while (reader.take())
            ++batches;
    };
    EXPECT_THROW(all(), error);
    EXPECT_EQ(batches, 3);
}

TEST(Reader, IsStoppedInTheMiddleOfItsWork) {
    bool has_ended = false;
    struct at_end {
        bool &ended;
        ~at_end() { ended = true; }
    };
    {
        rows reader([&](rows::outlet &out) {
            const at_end here{has_ended};
            out.put(out.next_batch());
            for (;;)
                check_interrupts(); // as what reads does, which may find nothing to give for long
        });
        EXPECT_TRUE(reader.take());
    }
    EXPECT_TRUE(has_ended);
    rows nobody_takes([](rows::outlet &out) {
        for (;;)
            out.put(out.next_batch());
    });
    nobody_takes.stop();
}
