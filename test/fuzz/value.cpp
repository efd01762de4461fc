// What is read without the server, and what is refused without it. Here plain readers of the C library judge; where the
// variable FUZZ_JUDGED names a file, what was decided is added to it, a line a value, and the server judges
// (values.sh).

#include "targets.h"

#include "core/text/utf8.h"
#include "core/value/fault.h"
#include "core/value/format.h"
#include "core/value/parse.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace barometre::fuzz {

namespace {

using value::kind;

constexpr const char *value_types[] = {"smallint", "integer",   "bigint",      "numeric", "float4", "float8", "boolean",
                                       "date",     "timestamp", "timestamptz", "time",    "timetz", "uuid"};

/// The bytes that the type's send function gives, in hexadecimal.
std::string hex(const unsigned char *bytes, std::size_t n) {
    std::string out;
    char two[3];
    for (std::size_t i = 0; i < n; ++i) {
        std::snprintf(two, sizeof two, "%02x", bytes[i]);
        out += two;
    }
    return out;
}
std::string big_endian(std::uint64_t n, std::size_t bytes) {
    unsigned char out[8];
    for (std::size_t i = 0; i < bytes; ++i)
        out[i] = static_cast<unsigned char>(n >> (8 * (bytes - 1 - i)));
    return hex(out, bytes);
}

/// A numeric as it lies in a table, without its length word, as numeric_send gives it.
std::string sent_numeric(const unsigned char *at, std::size_t size) {
    auto word = [&](std::size_t i) {
        std::uint16_t out;
        std::memcpy(&out, at + i, sizeof out);
        return out;
    };
    const std::uint16_t first = word(0);
    const bool is_short = first & 0x8000;
    require((first & 0xC000) != 0xC000, "a numeric that is no number");
    const unsigned sign = is_short ? (first & 0x2000 ? 0x4000 : 0) : first & 0x4000;
    const unsigned scale = is_short ? (first & 0x1F80) >> 7 : first & 0x3FFF;
    const int weight = is_short ? int(first & 0x3F) - (first & 0x40 ? 64 : 0) : std::int16_t(word(2));
    const std::size_t head = is_short ? 2 : 4;
    require((size - head) % 2 == 0, "half a digit");
    std::string out = big_endian((size - head) / 2, 2) + big_endian(std::uint16_t(weight), 2) + big_endian(sign, 2) +
                      big_endian(scale, 2);
    for (std::size_t i = head; i < size; i += 2)
        out += big_endian(word(i), 2);
    return out;
}

/// What is read, as the server would send it; empty: it is left to the server.
std::string read_value(kind type, std::string_view text) {
    auto whole = [&](std::int64_t least, std::int64_t most, std::size_t bytes) {
        const auto n = value::parse_integer(text, least, most);
        if (!n)
            return std::string();
        errno = 0;
        require(std::strtoll(std::string(text).c_str(), nullptr, 10) == *n && errno == 0, "another integer");
        require(*n >= least && *n <= most, "out of range");
        return big_endian(static_cast<std::uint64_t>(*n), bytes);
    };
    auto as = [](auto n, std::size_t bytes) {
        return n ? big_endian(static_cast<std::uint64_t>(static_cast<std::int64_t>(*n)), bytes) : std::string();
    };
    switch (type) {
    case kind::smallint:
        return whole(-32768, 32767, 2);
    case kind::integer:
        return whole(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), 4);
    case kind::bigint:
        return whole(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), 8);
    case kind::float8: {
        const auto x = value::parse_float8(text);
        if (!x)
            return "";
        const double want = std::strtod(std::string(text).c_str(), nullptr);
        require(std::memcmp(&*x, &want, sizeof want) == 0, "another float8");
        std::uint64_t bits;
        std::memcpy(&bits, &want, sizeof bits);
        return big_endian(bits, 8);
    }
    case kind::boolean:
        return as(value::parse_boolean(text), 1);
    case kind::date:
        return as(value::parse_date(text), 4);
    case kind::timestamp:
        return as(value::parse_timestamp(text), 8);
    case kind::timestamptz:
        return as(value::parse_timestamptz(text), 8);
    case kind::uuid: {
        unsigned char bytes[16];
        return value::parse_uuid(text, bytes) ? hex(bytes, 16) : "";
    }
    case kind::numeric: {
        std::vector<unsigned char> room(value::numeric_room(text.size()));
        const std::size_t size = value::pack_numeric(text, room.data());
        require(size <= room.size(), "more than there is room for");
        return size ? sent_numeric(room.data(), size) : "";
    }
    default:
        return "";
    }
}

void note_judged(const char *type, std::string_view text, const std::string &decided) {
    static std::FILE *file = [] {
        const char *name = std::getenv("FUZZ_JUDGED");
        return name ? std::fopen(name, "a") : nullptr;
    }();
    static int left = 2'000'000;
    if (file && --left > 0 && text.find_first_of("\t\n\r\\") == text.npos)
        std::fprintf(file, "%s\t%.*s\t%s\n", type, int(text.size()), text.data(), decided.c_str());
}

} // namespace

void value(std::string_view input) {
    choices choose(input);
    const std::size_t which = choose.below(std::size(value_types));
    const kind type = static_cast<kind>(which);
    const std::string_view text = choose.rest();
    if (!text::is_utf8(text) || text.find('\0') != text.npos)
        return;
    const std::string read = read_value(type, text);
    const char *refused = value::surely_refused(type, text);
    const auto fault = value::fault_of(type, text, value::date_order::none);
    require(read.empty() || !refused, "it is read, and refused");
    require(read.empty() || fault == value::fault::none || type == kind::timestamptz, "it is read, and has a fault");
    if (!read.empty())
        note_judged(value_types[which], text, read);
    else if (refused)
        note_judged(value_types[which], text, refused);
    for (const auto order : {value::date_order::dmy, value::date_order::mdy, value::date_order::ymd})
        if (const auto other = value::fault_of(type, text, order); other != value::fault::none)
            require(text::is_utf8(value::clause_of(other, order)) && value::sqlstate_of(other),
                    "a fault without words");
    value::formats_for(text);
}

/// Values that are not written as the server writes them, and those that hold others.
void written(std::string_view input) {
    choices choose(input);
    const std::size_t what = choose.below(4), more = choose.byte();
    const std::string_view rest = choose.rest();
    if (!text::is_utf8(rest) || rest.find('\0') != rest.npos)
        return;
    if (what == 0) {
        std::string to = "before";
        if (value::plain_number(rest, more & 1 ? ',' : '.', to)) {
            require(!to.empty() && to.find_first_not_of("+-.0123456789") == to.npos, "no number: " + to);
            require(!value::surely_refused(kind::numeric, to), "a number that the server refuses: " + to);
        } else {
            require(to.empty(), "it is no number, and something of it is left");
        }
        value::french_boolean(rest);
    } else if (what == 1) { // a pattern, a line end, a text
        const std::size_t cut = std::min(rest.find('\n'), rest.size());
        try {
            const value::time_format format{std::string(rest.substr(0, cut))};
            const auto time = format.parse(rest.substr(std::min(cut + 1, rest.size())), more & 1);
            require(!time || (*time >= -63'113'904'000'000'000 && *time <= 252'455'702'400'000'000), "no such year");
            const auto layout = format.full_layout();
            for (const auto &place : layout.places)
                require(place.at + place.digits <= layout.length, "a part behind the end");
        } catch (const std::invalid_argument &e) {
            require(text::is_utf8(e.what()), "a complaint that can't be shown");
        }
    } else { // what is in values that hold values
        value::shape shape{.is = value::shape::form::plain, .type = static_cast<kind>(more % std::size(value_types))};
        for (std::size_t depth = choose.below(6); depth > 0; --depth) {
            value::shape outer;
            outer.is = static_cast<value::shape::form>(1 + choose.below(4));
            outer.parts = {shape};
            if (outer.is == value::shape::form::row)
                outer.parts.push_back({});
            shape = outer;
        }
        const std::string text(choose.rest());
        if (text::is_utf8(text))
            value::fault_within(shape, text, static_cast<value::date_order>(what));
    }
}

} // namespace barometre::fuzz
