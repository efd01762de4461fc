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
    : values_(columns.size() + 3), nulls_(new bool[columns.size() + 3]()) {
    shape_ = call([&] { return CreateTupleDescCopy(shape); });
    for (std::size_t i = 0; i < columns.size(); ++i) {
        Form_pg_attribute attribute = TupleDescAttr(shape_, static_cast<int>(i));
        columns_.push_back({attribute->atttypid, !columns[i].md5 && is_fast(attribute->atttypid, attribute->atttypmod),
                            columns[i].required});
    }
    const auto keys = std::count_if(columns_.begin(), columns_.end(), [](const column &c) { return c.required; });
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (keys == 1 && columns_[i].required && columns_[i].fast && (columns_[i].type == INT8OID || columns_[i].type == INT4OID))
            key_ = static_cast<int>(i);
    ascending_ = key_ >= 0;
}

// The descriptor is in the transaction's memory.
row_packer::~row_packer() = default;

bool row_packer::convert(const column &how, std::string_view text, Datum &out) {
    /// A value of variable length: with the one-byte header if it fits, as it would be stored.
    auto finish = [&](std::size_t size, bool is_short) {
        if (is_short)
            SET_VARSIZE_SHORT(free_, size + VARHDRSZ_SHORT);
        else
            SET_VARSIZE(free_, size + VARHDRSZ);
        out = PointerGetDatum(free_);
        free_ += MAXALIGN(size + VARHDRSZ);
    };
    auto of = [&](auto value, auto make) {
        if (value)
            out = make(*value);
        return value.has_value();
    };
    switch (how.type) {
    case TEXTOID:
    case VARCHAROID: {
        const bool is_short = text.size() + VARHDRSZ_SHORT <= VARATT_SHORT_MAX;
        memcpy(free_ + (is_short ? VARHDRSZ_SHORT : VARHDRSZ), text.data(), text.size());
        finish(text.size(), is_short);
        return true;
    }
    case INT2OID:
        return of(value::parse_integer(text, PG_INT16_MIN, PG_INT16_MAX), [](auto n) { return Int16GetDatum(static_cast<int16>(n)); });
    case INT4OID:
        return of(value::parse_integer(text, PG_INT32_MIN, PG_INT32_MAX), [](auto n) { return Int32GetDatum(static_cast<int32>(n)); });
    case INT8OID:
        return of(value::parse_integer(text, PG_INT64_MIN, PG_INT64_MAX), [](auto n) { return Int64GetDatum(n); });
    case FLOAT8OID:
        return of(value::parse_float8(text), [](double n) { return Float8GetDatum(n); });
    case BOOLOID:
        return of(value::parse_boolean(text), [](bool b) { return BoolGetDatum(b); });
    case DATEOID:
        return of(value::parse_date(text), [](auto n) { return Int32GetDatum(n); });
    case TIMESTAMPOID:
        return of(value::parse_timestamp(text), [](auto n) { return Int64GetDatum(n); });
    case TIMESTAMPTZOID:
        return of(value::parse_timestamptz(text), [](auto n) { return Int64GetDatum(n); });
    case UUIDOID:
        if (!value::parse_uuid(text, reinterpret_cast<unsigned char *>(free_)))
            return false;
        out = PointerGetDatum(free_);
        free_ += 16;
        return true;
    case NUMERICOID: {
        // The length is known only afterwards: first where the short form has it.
        const std::size_t size = value::pack_numeric(text, reinterpret_cast<unsigned char *>(free_) + VARHDRSZ_SHORT);
        const bool is_short = size + VARHDRSZ_SHORT <= VARATT_SHORT_MAX;
        if (size == 0)
            return false;
        if (!is_short)
            memmove(free_ + VARHDRSZ, free_ + VARHDRSZ_SHORT, size);
        finish(size, is_short);
        return true;
    }
    default:
        return false;
    }
}

void row_packer::put(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources, std::int64_t file,
                     std::int64_t line, row_batch &to) {
    const std::size_t n = columns_.size();
    std::size_t room = 0;
    for (std::size_t i = 0; i < n; ++i)
        room += value::numeric_room(fields[sources[i]].text.size()) + 16;
    if (scratch_.size() * 8 < room)
        scratch_.resize(room / 8 + 1);
    free_ = reinterpret_cast<char *>(scratch_.data());

    bool packed = true, has_null = false;
    for (std::size_t i = 0; i < n && packed; ++i) {
        const csv::field &f = fields[sources[i]];
        const column &how = columns_[i];
        nulls_[i] = f.is_null;
        has_null |= f.is_null;
        packed = f.is_null ? !how.required : how.fast && convert(how, f.text, values_[i]);
    }
    ++next_;
    if (ascending_) {
        const Datum key = packed ? values_[key_] : 0;
        const std::int64_t n_key = columns_[key_].type == INT8OID ? DatumGetInt64(key) : DatumGetInt32(key);
        ascending_ = packed && n_key > last_key_;
        last_key_ = n_key;
    }
    if (!packed) { // the server's input functions decide, in the backend
        to.rows.push_back({file, line, next_, to.cells.size(), 0});
        for (std::size_t i = 0; i < n; ++i) {
            const csv::field &f = fields[sources[i]];
            if (f.is_null) {
                to.cells.push_back({0, -1});
                continue;
            }
            to.cells.push_back({to.bytes.size(), static_cast<std::int64_t>(f.text.size())});
            to.bytes.insert(to.bytes.end(), f.text.begin(), f.text.end());
            to.bytes.push_back('\0');
        }
        return;
    }
    values_[n] = Int32GetDatum(static_cast<int32>(file));
    values_[n + 1] = Int64GetDatum(line);
    values_[n + 2] = Int64GetDatum(next_);
    nulls_[n] = nulls_[n + 1] = nulls_[n + 2] = false;

    // What heap_form_tuple does, in memory of our own.
    const int natts = shape_->natts;
    std::size_t header = offsetof(HeapTupleHeaderData, t_bits);
    if (has_null)
        header += BITMAPLEN(natts);
    header = MAXALIGN(header);
    const Size data = heap_compute_data_size(shape_, values_.data(), nulls_.get());
    const std::size_t at = MAXALIGN(to.bytes.size());
    to.bytes.resize(at + header + data); // zeroes, as alignment and bitmap need them
    auto tuple = reinterpret_cast<HeapTupleHeader>(to.bytes.data() + at);
    HeapTupleHeaderSetNatts(tuple, natts);
    tuple->t_hoff = static_cast<uint8>(header);
    heap_fill_tuple(shape_, values_.data(), nulls_.get(), reinterpret_cast<char *>(tuple) + header, data, &tuple->t_infomask,
                    has_null ? tuple->t_bits : nullptr);
    to.rows.push_back({file, line, next_, at, static_cast<std::uint32_t>(header + data)});
}

} // namespace barometre::pg
