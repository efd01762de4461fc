#include "pg/row_packer.h"
#include "core/value/parse.h"
#include "pg/guard.h"

#include <algorithm>
#include <limits>

namespace barometre::pg {

namespace {

constexpr std::size_t batch_rows = 1000;
constexpr std::size_t batch_bytes = 256 * 1024;

/// Types with a fast path; their values depend on no setting in the forms that are read here.
bool is_fast(Oid type, int32 typmod) {
    switch (type) {
    case TEXTOID:
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT8OID:
    case BOOLOID:
    case DATEOID:
    case UUIDOID:
        return true;
    case VARCHAROID:
    case NUMERICOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
        return typmod < 0;
    default:
        return false;
    }
}

} // namespace

bool row_batch::full() const { return rows.size() >= batch_rows || bytes.size() >= batch_bytes; }

void row_batch::clear() {
    bytes.clear();
    cells.clear();
    rows.clear();
    if (bytes.capacity() > 8 * batch_bytes) // one huge record must not stay
        bytes = {};
}

row_packer::row_packer(TupleDesc shape, const std::vector<insert_column> &columns)
    : has_sequence_(shape->natts > static_cast<int>(columns.size()) + 2) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        Form_pg_attribute attribute = TupleDescAttr(shape, static_cast<int>(i));
        columns_.push_back({attribute->atttypid, !columns[i].md5 && is_fast(attribute->atttypid, attribute->atttypmod),
                            columns[i].required});
    }
    const auto keys = std::count_if(columns_.begin(), columns_.end(), [](const column &c) { return c.required; });
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (keys == 1 && columns_[i].required && columns_[i].fast && (columns_[i].type == INT8OID || columns_[i].type == INT4OID))
            key_ = static_cast<int>(i);
    ascending_ = key_ >= 0;
}

namespace {

/// A number where the next value goes; what lies between is zero already.
template <class T> void store_number(T n, std::size_t alignment, std::size_t &at, std::vector<char> &bytes) {
    at = TYPEALIGN(alignment, at);
    memcpy(bytes.data() + at, &n, sizeof n);
    at += sizeof n;
}

/// The header of a value of variable length. With `is_short` it is one byte, and not aligned, as it would be stored.
void store_length(std::size_t size, bool is_short, std::size_t &at, std::vector<char> &bytes) {
    if (is_short) {
        SET_VARSIZE_SHORT(bytes.data() + at, size + VARHDRSZ_SHORT);
        at += VARHDRSZ_SHORT;
    } else {
        at = INTALIGN(at);
        SET_VARSIZE(bytes.data() + at, size + VARHDRSZ);
        at += VARHDRSZ;
    }
}

/// The most bytes that a value of this text takes, alignment and header included.
std::size_t room_of(std::string_view text) { return value::numeric_room(text.size()) + 16; }

} // namespace

/// Writes one value at `at`, and moves on; false: not of an ordinary form.
bool row_packer::store(const column &how, std::string_view text, std::size_t &at, row_batch &to) {
    auto number = [&](auto value, auto as, std::size_t alignment) {
        if (value)
            store_number(static_cast<decltype(as)>(*value), alignment, at, to.bytes);
        return value.has_value();
    };
    auto integer = [&](auto as, std::size_t alignment) {
        using limits = std::numeric_limits<decltype(as)>;
        auto n = value::parse_integer(text, limits::min(), limits::max());
        this_key_ = n.value_or(0);
        return number(n, as, alignment);
    };
    switch (how.type) {
    case TEXTOID:
    case VARCHAROID:
        store_length(text.size(), text.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX, at, to.bytes);
        memcpy(to.bytes.data() + at, text.data(), text.size());
        at += text.size();
        return true;
    case INT2OID:
        return integer(int16{}, ALIGNOF_SHORT);
    case INT4OID:
        return integer(int32{}, ALIGNOF_INT);
    case INT8OID:
        return integer(int64{}, ALIGNOF_DOUBLE);
    case FLOAT8OID:
        return number(value::parse_float8(text), double{}, ALIGNOF_DOUBLE);
    case BOOLOID:
        return number(value::parse_boolean(text), char{}, 1);
    case DATEOID:
        return number(value::parse_date(text), int32{}, ALIGNOF_INT);
    case TIMESTAMPOID:
        return number(value::parse_timestamp(text), int64{}, ALIGNOF_DOUBLE);
    case TIMESTAMPTZOID:
        return number(value::parse_timestamptz(text), int64{}, ALIGNOF_DOUBLE);
    case UUIDOID:
        if (!value::parse_uuid(text, reinterpret_cast<unsigned char *>(to.bytes.data() + at)))
            return false;
        at += 16;
        return true;
    case NUMERICOID: {
        // The length is known only afterwards: first where the short form has it.
        char *first = to.bytes.data() + at + VARHDRSZ_SHORT;
        const std::size_t size = value::pack_numeric(text, reinterpret_cast<unsigned char *>(first));
        const bool is_short = size + VARHDRSZ_SHORT <= VARATT_SHORT_MAX;
        if (size == 0)
            return false;
        if (!is_short) {
            memmove(to.bytes.data() + INTALIGN(at) + VARHDRSZ, first, size);
            memset(to.bytes.data() + at, 0, INTALIGN(at) - at);
        }
        store_length(size, is_short, at, to.bytes);
        at += size;
        return true;
    }
    default:
        return false;
    }
}

/// Adds the row as a heap tuple; false, and nothing added, if a value is not of an ordinary form.
bool row_packer::pack(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources, std::int64_t file,
                      std::int64_t line, row_batch &to) {
    const std::size_t n = columns_.size();
    std::size_t room = 3 * 16;
    bool has_null = false;
    for (std::size_t i = 0; i < n; ++i) {
        room += room_of(fields[sources[i]].text);
        has_null |= fields[sources[i]].is_null;
    }
    const int natts = static_cast<int>(n) + 2 + has_sequence_;
    const std::size_t header = MAXALIGN(offsetof(HeapTupleHeaderData, t_bits) + (has_null ? BITMAPLEN(natts) : 0));
    const std::size_t before = to.bytes.size(), begin = MAXALIGN(before);
    to.bytes.resize(begin + header + room); // zeroes, as alignment and bitmap need them

    auto tuple = reinterpret_cast<HeapTupleHeader>(to.bytes.data() + begin);
    auto is_there = [&](std::size_t i) {
        if (has_null)
            tuple->t_bits[i / 8] = static_cast<bits8>(tuple->t_bits[i / 8] | 1 << i % 8);
    };
    std::size_t at = begin + header;
    std::int64_t key = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const csv::field &f = fields[sources[i]];
        const column &how = columns_[i];
        if (f.is_null ? how.required : !how.fast || !store(how, f.text, at, to)) {
            to.bytes.resize(before);
            return false;
        }
        if (f.is_null)
            continue;
        is_there(i);
        if (how.type == TEXTOID || how.type == VARCHAROID || how.type == NUMERICOID)
            tuple->t_infomask |= HEAP_HASVARWIDTH;
        if (static_cast<int>(i) == key_)
            key = this_key_;
    }
    const std::size_t data = at - begin - header;
    store_number(static_cast<int32>(file), ALIGNOF_INT, at, to.bytes);
    store_number(static_cast<int64>(line), ALIGNOF_DOUBLE, at, to.bytes);
    if (has_sequence_)
        store_number(static_cast<int64>(next_), ALIGNOF_DOUBLE, at, to.bytes);
    for (std::size_t i = n; i < static_cast<std::size_t>(natts); ++i)
        is_there(i);
    if (has_null)
        tuple->t_infomask |= HEAP_HASNULL;
    HeapTupleHeaderSetNatts(tuple, natts);
    tuple->t_hoff = static_cast<uint8>(header);

    to.bytes.resize(at);
    to.rows.push_back({file, line, next_, begin, static_cast<std::uint32_t>(at - begin),
                       static_cast<std::uint32_t>(data), key});
    if (ascending_) {
        ascending_ = key > last_key_;
        last_key_ = key;
    }
    return true;
}

void row_packer::put(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources, std::int64_t file,
                     std::int64_t line, row_batch &to) {
    ++next_;
    if (pack(fields, sources, file, line, to))
        return;
    // The server's input functions decide, in the backend.
    ascending_ = false;
    to.rows.push_back({file, line, next_, to.cells.size(), 0, 0, 0});
    for (const std::size_t source : sources) {
        const csv::field &f = fields[source];
        if (f.is_null) {
            to.cells.push_back({0, -1});
            continue;
        }
        to.cells.push_back({to.bytes.size(), static_cast<std::int64_t>(f.text.size())});
        to.bytes.insert(to.bytes.end(), f.text.begin(), f.text.end());
        to.bytes.push_back('\0');
    }
}

} // namespace barometre::pg
