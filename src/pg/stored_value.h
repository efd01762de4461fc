#pragma once

#include "core/value/format.h"
#include "core/value/parse.h"
#include "pg/pg.h"

#include <limits>

/// Values as they lie in a heap tuple (src/backend/access/common/heaptuple.c), made of their texts.
namespace barometre::pg {

/// Zeroes up to the next place that is aligned so; up to eight bytes after `at` may be written to.
inline char *align(char *at, std::size_t alignment) {
    memset(at, 0, MAXIMUM_ALIGNOF);
    return reinterpret_cast<char *>(TYPEALIGN(alignment, reinterpret_cast<std::uintptr_t>(at)));
}

/// A number where the next value goes.
template <class T> inline void store_number(T n, std::size_t alignment, char *&at) {
    at = align(at, alignment);
    memcpy(at, &n, sizeof n);
    at += sizeof n;
}

/// The number that was stored last.
template <class T> inline T last_number(const char *at) {
    T n;
    memcpy(&n, at - sizeof n, sizeof n);
    return n;
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

/// Bytes where the next value goes; of a few, as most texts have, without a call.
inline void copy_bytes(std::string_view text, char *&at) {
    const char *from = text.data();
    const std::size_t n = text.size();
    const auto both_ends = [&](auto word) { // what is copied twice comes to lie on itself
        memcpy(&word, from, sizeof word);
        auto last = word;
        memcpy(&last, from + n - sizeof word, sizeof word);
        memcpy(at, &word, sizeof word);
        memcpy(at + n - sizeof word, &last, sizeof word);
    };
    if (n > 16)
        memcpy(at, from, n);
    else if (n >= 8)
        both_ends(std::uint64_t{});
    else if (n >= 4)
        both_ends(std::uint32_t{});
    else if (n > 0) {
        at[0] = from[0];
        at[n / 2] = from[n / 2];
        at[n - 1] = from[n - 1];
    }
    at += n;
}

/// Of a numeric type, (precision, scale) of its modifier: as make_numeric_typmod packs them.
inline int precision_of(int32 typmod) { return ((typmod - VARHDRSZ) >> 16) & 0xFFFF; }
inline int scale_of(int32 typmod) { return (((typmod - VARHDRSZ) & 0x7FF) ^ 1024) - 1024; }
/// The scale is one that the short form of a numeric holds.
inline bool has_short_scale(int32 typmod) {
    return scale_of(typmod) >= 0 && scale_of(typmod) <= value::most_short_scale &&
           scale_of(typmod) <= precision_of(typmod);
}

/// Types with a fast path; their values depend on no setting in the forms that are read here.
inline bool is_fast(Oid type, int32 typmod) {
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
        return true;
    case NUMERICOID:
        return typmod < 0 || has_short_scale(typmod);
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
        return typmod < 0;
    default:
        return false;
    }
}

/// A value that was read, if it was.
template <class Stored, class Read>
[[gnu::always_inline]] inline bool store_read(const std::optional<Read> &value, std::size_t alignment, char *&at) {
    if (value)
        store_number(static_cast<Stored>(*value), alignment, at);
    return value.has_value();
}

template <class Integer>
[[gnu::always_inline]] inline bool store_integer(std::string_view text, std::size_t alignment, char *&at) {
    using limits = std::numeric_limits<Integer>;
    return store_read<Integer>(value::parse_integer(text, limits::min(), limits::max()), alignment, at);
}

/// Writes one value of the type at `at`, and moves on; false: not of an ordinary form.
[[gnu::always_inline]] inline bool store_value(oid type, int32 typmod, std::string_view text, char *&at) {
    switch (type) {
    case VARCHAROID: // characters that are more bytes are the server's to count
        if (typmod >= 0 && text.size() > static_cast<std::size_t>(typmod - VARHDRSZ))
            return false;
        [[fallthrough]];
    case TEXTOID:
        store_length(text.size(), text.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX, at);
        copy_bytes(text, at);
        return true;
    case INT2OID:
        return store_integer<int16>(text, ALIGNOF_SHORT, at);
    case INT4OID:
        return store_integer<int32>(text, ALIGNOF_INT, at);
    case INT8OID:
        return store_integer<int64>(text, ALIGNOF_DOUBLE, at);
    case FLOAT8OID:
        return store_read<double>(value::parse_float8(text), ALIGNOF_DOUBLE, at);
    case BOOLOID: {
        const auto yes = value::parse_boolean(text);
        return store_read<char>(yes ? yes : value::french_boolean(text), 1, at);
    }
    case DATEOID:
        return store_read<int32>(value::parse_date(text), ALIGNOF_INT, at);
    case TIMESTAMPOID:
        return store_read<int64>(value::parse_timestamp(text), ALIGNOF_DOUBLE, at);
    case TIMESTAMPTZOID:
        return store_read<int64>(value::parse_timestamptz(text), ALIGNOF_DOUBLE, at);
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
        if (size == 0 || (typmod >= 0 && !value::fit_numeric(reinterpret_cast<unsigned char *>(first), size,
                                                             precision_of(typmod), scale_of(typmod))))
            return false;
        if (is_short) {
            store_length(size, is_short, at);
        } else { // what align() writes to is taken
            char *const header = reinterpret_cast<char *>(TYPEALIGN(ALIGNOF_INT, reinterpret_cast<std::uintptr_t>(at)));
            memmove(header + VARHDRSZ, first, size);
            memset(at, 0, static_cast<std::size_t>(header - at));
            SET_VARSIZE(header, size + VARHDRSZ);
            at = header + VARHDRSZ;
        }
        at += size;
        return true;
    }
    default:
        return false;
    }
}

} // namespace barometre::pg
