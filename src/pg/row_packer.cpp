#include "pg/row_packer.h"
#include "core/json/writer.h"
#include "pg/pg.h"
#include "pg/tuple_layout.h"
#include "pg/value_shape.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace barometre::pg {

namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::size_t most_bytes = 256 * 1024;
constexpr std::size_t before_nulls = offsetof(HeapTupleHeaderData, t_bits), bare_header = MAXALIGN(before_nulls);
static_assert(before_nulls == bare_header - 1);

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
        columns_.push_back({type, modifier, !columns[i].md5 && is_fast(type, modifier), columns[i].required,
                            columns[i].found, columns[i].unseen, columns[i].md5 ? value::shape() : shape_of(type),
                            columns[i].formats, columns[i].order, is_number(type) ? columns[i].decimal : '.', true,
                            !columns[i].md5 && (type == JSONBOID || type == JSONOID), columns[i].utc});
        columns_.back().as_is = columns_.back().decimal == '.' && columns_.back().formats.empty();
    }
    const auto keys = std::count_if(columns_.begin(), columns_.end(), [](const column &c) { return c.required; });
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (keys == 1 && columns_[i].required && columns_[i].fast &&
            (columns_[i].type == INT8OID || columns_[i].type == INT4OID))
            key_ = static_cast<int>(i);
    ascending_ = key_ >= 0;
    // As many as the header has bytes for, with its padding.
    const std::size_t natts = types.size();
    for (std::size_t i = 0; i < (MAXALIGN(before_nulls + BITMAPLEN(natts)) - bare_header) / 8 + 1; ++i)
        no_nulls_.push_back(natts >= 64 * (i + 1) ? 0
                            : natts <= 64 * i     ? ~std::uint64_t{0}
                                                  : ~std::uint64_t{0} << (natts - 64 * i));
    nulls_ = no_nulls_;
}

void row_packer::take_from(const std::vector<std::size_t> &sources) {
    sources_ = sources;
    runs_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const column &c = columns_[i];
        const bool has_field = sources[i] != no_field;
        const bool is_plain = c.fast && c.as_is && !c.required && !c.unseen && has_field;
        const run next{i, i + 1, is_plain ? c.type : no_oid, c.modifier, is_plain && c.found, sources[i]};
        const bool goes_on = !runs_.empty() && runs_.back().type == next.type && runs_.back().found == next.found &&
                             (runs_.back().modifier == next.modifier || next.type == no_oid) &&
                             (has_field ? sources[i - 1] + 1 == sources[i] : sources[i - 1] == no_field);
        if (goes_on)
            ++runs_.back().end;
        else
            runs_.push_back(next);
    }
}

/// The same of a value that is not written as the server writes it.
bool row_packer::store_rewritten(const column &how, std::string_view text, char *&at) {
    if (how.formats.empty())
        return value::plain_number(text, how.decimal, rewritten_) &&
               store_value(how.type, how.modifier, rewritten_, at);
    const auto time = written_time(how.formats, text, how.type == DATEOID);
    if (!time || (how.type != DATEOID && how.type != TIMESTAMPOID))
        return false;
    if (how.type == DATEOID)
        store_number(static_cast<int32>(*time / day - (*time % day < 0)), ALIGNOF_INT, at);
    else
        store_number(static_cast<int64>(*time), ALIGNOF_DOUBLE, at);
    return true;
}

/// The same of any columns.
bool row_packer::pack_others(const run &columns, layout &to) {
    const record::field *f = columns.source == no_field ? &field_at({}, no_field) : to.fields + columns.source;
    for (std::size_t i = columns.first; i < columns.end; ++i, f += columns.source != no_field) {
        const column &how = columns_[i];
        if (f->is_null) {
            if (how.required)
                return false;
            to.set_null(i);
            continue;
        }
        to.make_room(f->text.size());
        const bool as_is = how.as_is || (says_number(*f) && how.formats.empty());
        if (!how.fast ||
            !(as_is ? store_value(how.type, how.modifier, f->text, to.at) : store_rewritten(how, f->text, to.at)))
            return false;
        to.has_varwidth |= has_varwidth(how.type);
        if (how.unseen || (how.found && !is_expected(*f, how.type)))
            to.misfit = i;
        if (static_cast<int>(i) == key_)
            to.key = how.type == INT8OID ? last_number<std::int64_t>(to.at) : last_number<std::int32_t>(to.at);
    }
    return true;
}

[[gnu::always_inline]] inline bool row_packer::pack_columns(const run &columns, layout &to) {
    switch (columns.type) {
    case TEXTOID:
        return pack_run<TEXTOID>(columns, to);
    case INT4OID:
        return pack_integers<int32, INT4OID>(columns, to);
    case INT8OID:
        return pack_integers<int64, INT8OID>(columns, to);
    case FLOAT8OID:
        return pack_run<FLOAT8OID>(columns, to);
    case BOOLOID:
        return pack_run<BOOLOID>(columns, to);
    case DATEOID:
        return pack_run<DATEOID>(columns, to);
    case TIMESTAMPOID:
        return pack_run<TIMESTAMPOID>(columns, to);
    case NUMERICOID:
        return pack_run<NUMERICOID>(columns, to);
    default:
        return pack_others(columns, to);
    }
}

/// Adds the row as a heap tuple; false, and nothing added, if a value is not of an ordinary form.
bool row_packer::pack(const std::vector<record::field> &fields, bool has_margins, std::int64_t file, std::int64_t line,
                      row_batch &to) {
    const std::size_t natts = columns_.size() + 2 + has_sequence_, whole = bare_header + 8 * (nulls_.size() - 1);
    const std::size_t before = to.bytes.size(), begin = MAXALIGN(before),
                      wanted = begin + whole + natts * room_of_short;
    to.bytes.reserve(wanted);
    layout values{fields.data(),
                  has_margins,
                  nulls_.data(),
                  to.bytes,
                  to.bytes.data() + begin + whole,
                  to.bytes.capacity() - wanted,
                  columns_.size()};
    for (const run &columns : runs_)
        if (!pack_columns(columns, values)) {
            to.bytes.set_size(before);
            nulls_ = no_nulls_;
            return false;
        }
    // Where no column is NULL the header is shorter, and begins later.
    const std::size_t header = values.has_null ? whole : bare_header, offset = begin + whole - header;
    char *const first = to.bytes.data() + offset, *at = values.at;
    const auto data = static_cast<std::uint32_t>(at - first - static_cast<std::ptrdiff_t>(header));
    store_number(static_cast<int32>(file), ALIGNOF_INT, at);
    store_number(static_cast<int64>(line), ALIGNOF_DOUBLE, at);
    if (has_sequence_)
        store_number(static_cast<int64>(next_), ALIGNOF_DOUBLE, at);

    memset(first, 0, bare_header);
    auto tuple = reinterpret_cast<HeapTupleHeader>(first);
    if (values.has_null) {
        for (std::size_t i = 0; i + 1 < nulls_.size(); ++i) {
            const std::uint64_t eight = value::little_endian(~nulls_[i]);
            memcpy(first + before_nulls + 8 * i, &eight, sizeof eight);
            nulls_[i] = no_nulls_[i];
        }
        first[whole - 1] = static_cast<char>(~nulls_.back());
        nulls_.back() = no_nulls_.back();
    }
    tuple->t_infomask =
        static_cast<uint16>((values.has_null ? HEAP_HASNULL : 0) | (values.has_varwidth ? HEAP_HASVARWIDTH : 0));
    HeapTupleHeaderSetNatts(tuple, natts);
    tuple->t_hoff = static_cast<uint8>(header);

    to.bytes.set_size(static_cast<std::size_t>(at - to.bytes.data()));
    to.rows.push_back({file, line, next_, offset, static_cast<std::uint32_t>(at - first), data, values.key});
    if (ascending_) {
        ascending_ = values.key > last_key_;
        last_key_ = values.key;
    }
    at_column_ = values.misfit;
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

row_packer::outcome row_packer::put(const std::vector<record::field> &fields, bool has_margins, std::int64_t file,
                                    std::int64_t line, row_batch &to) {
    ++next_;
    if (pack(fields, has_margins, file, line, to))
        return at_column_ < columns_.size() ? outcome::misfit : outcome::packed;
    // The server's input functions decide, in the backend, unless it is plain what they will say.
    const std::size_t texts = to.texts.size(), bytes = to.bytes.size();
    for (at_column_ = 0; at_column_ < columns_.size(); ++at_column_) {
        const record::field &f = field_at(fields, sources_[at_column_]);
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
