// The packer of rows, with and without margins, gives the tuples that a plain layout gives, value after value.
#include <gtest/gtest.h> // before the server's macros

#include "core/value/parse.h"
#include "pg/pg.h"
#include "pg/row_packer.h"

#include <charconv>
#include <random>

using namespace barometre;

namespace {

struct made_row {
    std::vector<std::string> held; ///< the texts of its fields, in margins that are filled
    std::vector<record::field> fields;
};

/// A column of the plain layout.
struct plain_column {
    pg::oid type;
    std::size_t source; ///< or pg::no_field
};

void append_aligned(std::string &to, std::size_t alignment, const void *value, std::size_t size) {
    to.resize((to.size() + alignment - 1) / alignment * alignment, '\0');
    to.append(static_cast<const char *>(value), size);
}

void append_sized(std::string &to, std::string_view value) {
    if (value.size() + 1 <= VARATT_SHORT_MAX) {
        to += static_cast<char>((value.size() + 1) << 1 | 1);
    } else {
        const auto head = static_cast<std::uint32_t>((value.size() + 4) << 2);
        append_aligned(to, 4, &head, sizeof head);
    }
    to += value;
}

/// As heap_fill_tuple lays it out; empty: a value is of no ordinary form.
std::string plain_tuple(const std::vector<plain_column> &columns, const made_row &row, std::int64_t line) {
    std::string data;
    std::vector<bool> nulls;
    bool has_varwidth = false;
    for (const plain_column &c : columns) {
        const record::field &f = pg::field_at(row.fields, c.source);
        nulls.push_back(f.is_null);
        if (f.is_null)
            continue;
        const std::string text(f.text);
        if (c.type == TEXTOID) {
            append_sized(data, text);
            has_varwidth = true;
        } else if (c.type == NUMERICOID) {
            std::vector<unsigned char> room(value::numeric_room(text.size()));
            const std::size_t n = value::pack_numeric(text, room.data());
            if (n == 0)
                return {};
            append_sized(data, {reinterpret_cast<const char *>(room.data()), n});
            has_varwidth = true;
        } else if (c.type == DATEOID) {
            const auto days = value::parse_date(text);
            if (!days)
                return {};
            append_aligned(data, 4, &*days, 4);
        } else {
            std::int64_t n = 0;
            const char *begin = text.data() + (text.starts_with('+') && !text.starts_with("+-")),
                       *end = text.data() + text.size();
            const auto [last, failure] = std::from_chars(begin, end, n);
            if (failure != std::errc() || last != end || (c.type == INT4OID && n != static_cast<std::int32_t>(n)))
                return {};
            const std::size_t size = c.type == INT4OID ? 4 : 8;
            append_aligned(data, size, &n, size); // little-endian
        }
    }
    const std::int32_t file = 9;
    append_aligned(data, 4, &file, sizeof file);
    append_aligned(data, 8, &line, sizeof line);
    const std::size_t natts = columns.size() + 2;
    const bool has_null = std::count(nulls.begin(), nulls.end(), true) > 0;
    std::string header(MAXALIGN(23 + (has_null ? (natts + 7) / 8 : 0)), '\0');
    auto *const tuple = reinterpret_cast<HeapTupleHeader>(header.data());
    for (std::size_t i = 0; has_null && i < natts; ++i)
        if (i >= nulls.size() || !nulls[i])
            tuple->t_bits[i / 8] = static_cast<bits8>(tuple->t_bits[i / 8] | 1 << i % 8);
    tuple->t_infomask = static_cast<uint16>((has_null ? HEAP_HASNULL : 0) | (has_varwidth ? HEAP_HASVARWIDTH : 0));
    tuple->t_infomask2 = static_cast<uint16>(natts);
    tuple->t_hoff = static_cast<uint8>(header.size());
    return header + data;
}

/// As the type finder has it: -?(0|[1-9][0-9]{0,17})
bool is_found_integer(std::string_view text) {
    text.remove_prefix(text.starts_with('-'));
    return !text.empty() && text.size() <= 18 && text[0] != '+' && (text == "0" || text[0] != '0');
}

} // namespace

TEST(Packer, LaysTuplesOutAsThePlainWayDoes) {
    std::mt19937 random(3);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const pg::oid types[] = {INT8OID, INT8OID, INT8OID, INT4OID, INT4OID, TEXTOID, NUMERICOID, DATEOID};
    std::size_t packed = 0, others = 0, misfits = 0;
    for (int table = 0; table < 150; ++table) {
        const std::size_t n = 1 + below(below(10) == 0 ? 150 : 12), fields = n + below(3);
        std::vector<plain_column> plain;
        std::vector<pg::stored_type> stored;
        std::vector<pg::insert_column> columns(n);
        std::vector<std::size_t> sources;
        pg::oid type = INT8OID;
        for (std::size_t i = 0; i < n; ++i) {
            type = below(4) == 0 ? types[below(std::size(types))] : type; // runs of them
            const std::size_t source = below(16) == 0 ? pg::no_field : below(16) == 0 ? below(fields) : i;
            plain.push_back({type, source});
            sources.push_back(source);
            stored.push_back({type});
            columns[i].found = type != INT4OID && type != DATEOID && below(4) != 0;
        }
        stored.resize(n + 2, {INT8OID});
        pg::row_packer packer(stored, columns);
        packer.take_from(sources);
        pg::row_batch batch;
        const std::size_t null_in = 2 + below(12);
        for (int line = 1; line <= 60; ++line) {
            made_row row;
            for (std::size_t i = 0; i < fields; ++i) {
                std::string text(1 + below(below(8) == 0 ? 20 : 8), '0');
                for (char &c : text)
                    c = static_cast<char>('0' + below(10));
                if (below(20) == 0)
                    text[0] = "-+0 "[below(4)];
                for (const plain_column &c : plain)
                    if (c.source == i && c.type == DATEOID)
                        text = below(40) == 0 ? "2024-02-30" : "20" + text.substr(0, 1) + "4-02-2" + text.substr(0, 1);
                    else if (c.source == i && c.type == TEXTOID && below(8) == 0)
                        text = std::string(below(below(20) == 0 ? 400'000 : 300), 'x');
                row.held.push_back(std::string(16, '5') + text + std::string(16, '5'));
                row.fields.push_back({{}, below(null_in) == 0});
            }
            for (std::size_t i = 0; i < fields; ++i)
                row.fields[i].text =
                    std::string_view(row.held[i]).substr(16, row.fields[i].is_null ? 0 : row.held[i].size() - 32);
            const std::string want = plain_tuple(plain, row, line);
            std::size_t misfit = n;
            for (std::size_t i = 0; i < n; ++i)
                if (const record::field &f = pg::field_at(row.fields, sources[i]);
                    columns[i].found && !f.is_null && plain[i].type != TEXTOID && !is_found_integer(f.text) &&
                    !(plain[i].type == NUMERICOID && f.text.size() > 18 && f.text[0] != '0' &&
                      !f.text.starts_with("-0")))
                    misfit = i;
            for (const bool has_margins : {false, true}) {
                const std::size_t size = batch.bytes.size();
                const auto got = packer.put(row.fields, has_margins, 9, line, batch);
                using outcome = pg::row_packer::outcome;
                if (want.empty()) {
                    ASSERT_TRUE(got == outcome::text || got == outcome::refused);
                    ++others;
                    ASSERT_TRUE(got == outcome::text || batch.bytes.size() == size);
                    continue;
                }
                ASSERT_EQ(got, misfit < n ? outcome::misfit : outcome::packed);
                ASSERT_TRUE(misfit == n || packer.at_column() == misfit);
                const auto &placed = batch.rows.back();
                ASSERT_EQ(std::string(batch.bytes.data() + placed.offset, placed.size), want)
                    << "of table " << table << ", line " << line << ", " << has_margins;
                ASSERT_EQ(placed.offset % MAXIMUM_ALIGNOF, 0u);
                ++(misfit < n ? misfits : packed);
            }
            if (batch.full() || below(10) == 0)
                batch.clear();
        }
    }
    EXPECT_GT(packed, 3'000u);
    EXPECT_GT(misfits, 100u);
    EXPECT_GT(others, 100u);
}
