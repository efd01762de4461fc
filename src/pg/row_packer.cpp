#include "pg/row_packer.h"
#include "core/json/writer.h"
#include "core/value/parse.h"
#include "pg/pg.h"
#include "pg/value_shape.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

namespace barometre::pg {

namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_bytes = 256 * 1024;

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

bool is_number(Oid type) {
    return type == INT2OID || type == INT4OID || type == INT8OID || type == NUMERICOID || type == FLOAT4OID ||
           type == FLOAT8OID;
}

/// Its file writes it as numbers are written there, whatever decimal sign its texts have.
bool says_number(const record::field &f) {
    return f.said == record::found_type::bigint || f.said == record::found_type::numeric;
}

/// Microseconds since 2000-01-01, by the first format that fits.
std::optional<std::int64_t> written_time(const std::vector<value::time_format> &formats, std::string_view text,
                                         bool only_day = false) {
    for (const value::time_format &f : formats)
        if (auto time = f.parse(text, only_day))
            return time;
    return std::nullopt;
}

constexpr std::int64_t day = 86'400'000'000;

/// As the server writes it.
std::string iso_time(std::int64_t microseconds) {
    using namespace std::chrono;
    const std::int64_t days = (microseconds - (microseconds < 0 ? day - 1 : 0)) / day;
    const std::int64_t rest = microseconds - days * day;
    const year_month_day date{sys_days{2000y / January / 1} + std::chrono::days{days}};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%06d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(rest / 3'600'000'000), static_cast<int>(rest / 60'000'000 % 60),
                  static_cast<int>(rest / 1'000'000 % 60), static_cast<int>(rest % 1'000'000));
    return text;
}

} // namespace

bool row_batch::full() const {
    return rows.size() >= most_rows || rejects.size() >= most_rows || bytes.size() >= most_bytes;
}

void row_batch::clear() {
    texts.clear();
    rows.clear();
    origins.clear();
    rejects.clear();
    if (bytes.capacity() > 8 * most_bytes) // one huge record must not stay
        bytes = {};
    bytes.set_size(0);
}

void row_batch::store::reserve(std::size_t capacity) {
    if (capacity <= capacity_)
        return;
    capacity_ = std::max({capacity, 2 * capacity_, most_bytes + most_bytes / 8});
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ > 0)
        memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
}

row_packer::row_packer(const std::vector<stored_type> &types, const std::vector<insert_column> &columns)
    : has_sequence_(types.size() > columns.size() + 2) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto [type, modifier] = types[i];
        columns_.push_back({type, !columns[i].md5 && is_fast(type, modifier), columns[i].required, columns[i].found,
                            columns[i].unseen, columns[i].md5 ? value::shape() : shape_of(type), columns[i].formats,
                            columns[i].order, is_number(type) ? columns[i].decimal : '.', true,
                            !columns[i].md5 && (type == JSONBOID || type == JSONOID), columns[i].utc});
        columns_.back().as_is = columns_.back().decimal == '.' && columns_.back().formats.empty();
    }
    const auto keys = std::count_if(columns_.begin(), columns_.end(), [](const column &c) { return c.required; });
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (keys == 1 && columns_[i].required && columns_[i].fast &&
            (columns_[i].type == INT8OID || columns_[i].type == INT4OID))
            key_ = static_cast<int>(i);
    ascending_ = key_ >= 0;
}

namespace {

/// Zeroes up to the next place that is aligned so.
inline char *align(char *at, std::size_t alignment) {
    char *aligned = reinterpret_cast<char *>(TYPEALIGN(alignment, reinterpret_cast<std::uintptr_t>(at)));
    while (at < aligned)
        *at++ = '\0';
    return at;
}

/// A number where the next value goes.
template <class T> inline void store_number(T n, std::size_t alignment, char *&at) {
    at = align(at, alignment);
    memcpy(at, &n, sizeof n);
    at += sizeof n;
}

/// The header of a value of variable length. With `is_short` it is one byte, and not aligned, as it would be stored.
inline void store_length(std::size_t size, bool is_short, char *&at) {
    if (is_short) {
        SET_VARSIZE_SHORT(at, size + VARHDRSZ_SHORT);
        at += VARHDRSZ_SHORT;
    } else {
        at = align(at, ALIGNOF_INT);
        SET_VARSIZE(at, size + VARHDRSZ);
        at += VARHDRSZ;
    }
}

/// The most bytes that a value of this text takes, alignment and header included.
std::size_t room_of(std::string_view text) { return value::numeric_room(text.size()) + 16; }

} // namespace

namespace {

/// A number that was read is of the form by which the type finder knows it: no plus sign, no
/// leading zero, and as bigint no more than 18 digits.
bool is_canonical(std::string_view text, bool is_bigint) {
    const std::size_t sign = text[0] == '-';
    return text[0] != '+' && (text[sign] != '0' || text.size() == sign + 1 || text[sign + 1] == '.') &&
           !(is_bigint && text.size() > sign + 18);
}

/// A value of a column whose type was found is one by which it would be found.
bool is_expected(const record::field &f, Oid type) {
    using enum record::found_type;
    if (type == TEXTOID)
        return f.said != jsonb;
    switch (f.said) {
    case none:
        return is_canonical(f.text, type == INT8OID);
    case boolean:
        return type == BOOLOID;
    case bigint:
        return type == INT8OID || type == NUMERICOID;
    default:
        return f.said == numeric && type == NUMERICOID;
    }
}

} // namespace

/// Writes one value at `at`, and moves on; false: not of an ordinary form.
[[gnu::always_inline]] inline bool row_packer::store(oid type, std::string_view text, char *&at) {
    auto number = [&](auto value, auto as, std::size_t alignment) {
        if (value)
            store_number(static_cast<decltype(as)>(*value), alignment, at);
        return value.has_value();
    };
    auto integer = [&](auto as, std::size_t alignment) {
        using limits = std::numeric_limits<decltype(as)>;
        auto n = value::parse_integer(text, limits::min(), limits::max());
        this_key_ = n.value_or(0);
        return number(n, as, alignment);
    };
    switch (type) {
    case TEXTOID:
    case VARCHAROID:
        store_length(text.size(), text.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX, at);
        memcpy(at, text.data(), text.size());
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
        return number(value::parse_boolean(text) ? value::parse_boolean(text) : value::french_boolean(text), char{}, 1);
    case DATEOID:
        return number(value::parse_date(text), int32{}, ALIGNOF_INT);
    case TIMESTAMPOID:
        return number(value::parse_timestamp(text), int64{}, ALIGNOF_DOUBLE);
    case TIMESTAMPTZOID:
        return number(value::parse_timestamptz(text), int64{}, ALIGNOF_DOUBLE);
    case UUIDOID:
        if (!value::parse_uuid(text, reinterpret_cast<unsigned char *>(at)))
            return false;
        at += 16;
        return true;
    case NUMERICOID: {
        // The length is known only afterwards: first where the short form has it.
        char *first = at + VARHDRSZ_SHORT;
        const std::size_t size = value::pack_numeric(text, reinterpret_cast<unsigned char *>(first));
        const bool is_short = size + VARHDRSZ_SHORT <= VARATT_SHORT_MAX;
        if (size == 0)
            return false;
        if (!is_short)
            memmove(reinterpret_cast<char *>(TYPEALIGN(ALIGNOF_INT, reinterpret_cast<std::uintptr_t>(at))) + VARHDRSZ,
                    first, size);
        store_length(size, is_short, at);
        at += size;
        return true;
    }
    default:
        return false;
    }
}

/// The same of a value that is not written as the server writes it.
bool row_packer::store_rewritten(const column &how, std::string_view text, char *&at) {
    if (how.formats.empty())
        return value::plain_number(text, how.decimal, rewritten_) && store(how.type, rewritten_, at);
    const auto time = written_time(how.formats, text, how.type == DATEOID);
    if (!time || (how.type != DATEOID && how.type != TIMESTAMPOID))
        return false;
    if (how.type == DATEOID)
        store_number(static_cast<int32>(*time / day - (*time % day < 0)), ALIGNOF_INT, at);
    else
        store_number(static_cast<int64>(*time), ALIGNOF_DOUBLE, at);
    return true;
}

/// Adds the row as a heap tuple; false, and nothing added, if a value is not of an ordinary form.
bool row_packer::pack(const std::vector<record::field> &fields, const std::vector<std::size_t> &sources,
                      std::int64_t file, std::int64_t line, row_batch &to) {
    const std::size_t n = columns_.size();
    std::size_t room = 3 * 16;
    bool has_null = false;
    for (std::size_t i = 0; i < n; ++i) {
        const record::field &f = field_at(fields, sources[i]);
        room += room_of(f.text);
        has_null |= f.is_null;
    }
    const int natts = static_cast<int>(n) + 2 + has_sequence_;
    const std::size_t header = MAXALIGN(offsetof(HeapTupleHeaderData, t_bits) + (has_null ? BITMAPLEN(natts) : 0));
    const std::size_t begin = MAXALIGN(to.bytes.size());
    to.bytes.reserve(begin + header + room);

    char *const first = to.bytes.data() + begin;
    auto tuple = reinterpret_cast<HeapTupleHeader>(first);
    memset(first, 0, header);
    auto is_there = [&](std::size_t i) {
        if (has_null)
            tuple->t_bits[i / 8] = static_cast<bits8>(tuple->t_bits[i / 8] | 1 << i % 8);
    };
    char *at = first + header;
    std::int64_t key = 0;
    std::size_t misfit = n;
    for (std::size_t i = 0; i < n; ++i) {
        const record::field &f = field_at(fields, sources[i]);
        const column &how = columns_[i];
        if (f.is_null) {
            if (how.required)
                return false;
            continue;
        }
        const bool as_is = how.as_is || (says_number(f) && how.formats.empty());
        if (!how.fast || !(as_is ? store(how.type, f.text, at) : store_rewritten(how, f.text, at)))
            return false;
        is_there(i);
        if (how.type == TEXTOID || how.type == VARCHAROID || how.type == NUMERICOID)
            tuple->t_infomask |= HEAP_HASVARWIDTH;
        if (how.unseen || (how.found && !is_expected(f, how.type)))
            misfit = i;
        if (static_cast<int>(i) == key_)
            key = this_key_;
    }
    const auto data = static_cast<std::uint32_t>(at - first - static_cast<std::ptrdiff_t>(header));
    store_number(static_cast<int32>(file), ALIGNOF_INT, at);
    store_number(static_cast<int64>(line), ALIGNOF_DOUBLE, at);
    if (has_sequence_)
        store_number(static_cast<int64>(next_), ALIGNOF_DOUBLE, at);
    for (std::size_t i = n; i < static_cast<std::size_t>(natts); ++i)
        is_there(i);
    if (has_null)
        tuple->t_infomask |= HEAP_HASNULL;
    HeapTupleHeaderSetNatts(tuple, natts);
    tuple->t_hoff = static_cast<uint8>(header);

    to.bytes.set_size(static_cast<std::size_t>(at - to.bytes.data()));
    to.rows.push_back({file, line, next_, begin, static_cast<std::uint32_t>(at - first), data, key});
    if (ascending_) {
        ascending_ = key > last_key_;
        last_key_ = key;
    }
    at_column_ = misfit;
    return true;
}

/// Whether a value can't be one of its column; if so, sqlstate_ and fault_ say how. Else rewritten_ may hold what it is
/// to be read as.
bool row_packer::refuses(const column &how, const record::field &f) {
    std::string_view text = f.text;
    sqlstate_ = nullptr;
    fault_ = value::fault::none;
    rewritten_.clear();
    if (!how.formats.empty()) {
        if (auto time = written_time(how.formats, text, how.shape.type == value::kind::date))
            rewritten_ = iso_time(*time);
        else
            sqlstate_ = "22007";
        return sqlstate_ != nullptr;
    }
    if (how.decimal != '.' && !says_number(f)) {
        if (!value::plain_number(text, how.decimal, rewritten_)) {
            sqlstate_ = "22P02";
            return true;
        }
        text = rewritten_;
    }
    const std::optional<value::kind> kind = how.shape.type;
    if (how.utc && (how.type == DATEOID || how.type == TIMEOID))
        for (const std::string_view zone : {"Z", "z", "+00:00", "-00:00"})
            if (text.find(':') != std::string_view::npos && text.ends_with(zone)) {
                text.remove_suffix(zone.size());
                rewritten_ = text;
                break;
            }
    if (kind == value::kind::boolean)
        if (const auto yes = value::french_boolean(text)) {
            rewritten_ = *yes ? "true" : "false";
            return false;
        }
    if (kind)
        sqlstate_ = value::surely_refused(*kind, text);
    if (!sqlstate_ && (fault_ = value::fault_within(how.shape, text, how.order)) != value::fault::none)
        sqlstate_ = value::sqlstate_of(fault_);
    return sqlstate_ != nullptr;
}

row_packer::outcome row_packer::put(const std::vector<record::field> &fields, const std::vector<std::size_t> &sources,
                                    std::int64_t file, std::int64_t line, row_batch &to) {
    ++next_;
    if (pack(fields, sources, file, line, to))
        return at_column_ < columns_.size() ? outcome::misfit : outcome::packed;
    // The server's input functions decide, in the backend, unless it is plain what they will say.
    const std::size_t texts = to.texts.size(), bytes = to.bytes.size();
    for (at_column_ = 0; at_column_ < columns_.size(); ++at_column_) {
        const record::field &f = field_at(fields, sources[at_column_]);
        const column &how = columns_[at_column_];
        sqlstate_ = "23502";
        fault_ = value::fault::none;
        if (f.is_null ? how.required : refuses(how, f)) {
            to.texts.resize(texts);
            to.bytes.set_size(bytes);
            return outcome::refused;
        }
        if (f.is_null) {
            to.texts.push_back({0, -1});
            continue;
        }
        if (how.is_json && f.said == record::found_type::text)
            rewritten_ = json::quoted(f.text);
        const std::string_view text = rewritten_.empty() ? f.text : std::string_view(rewritten_);
        const std::size_t begin = to.bytes.size();
        to.texts.push_back({begin, static_cast<std::int64_t>(text.size())});
        to.bytes.reserve(begin + text.size() + 1);
        std::copy(text.begin(), text.end(), to.bytes.data() + begin);
        to.bytes.data()[begin + text.size()] = '\0';
        to.bytes.set_size(begin + text.size() + 1);
    }
    ascending_ = false;
    to.rows.push_back({file, line, next_, texts, 0, static_cast<std::uint32_t>(to.origins.size()), 0});
    to.origins.emplace_back();
    return outcome::text;
}

} // namespace barometre::pg
