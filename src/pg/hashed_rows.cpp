#include "pg/hashed_rows.h"
#include "pg/guard.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>

// Inline, as it is called for every row with few bytes.
#define XXH_INLINE_ALL
#include <xxhash.h>

extern "C" {
#include "access/nbtree.h"
}

namespace barometre::pg {

namespace {

constexpr std::size_t batch_rows = 512;
constexpr std::size_t long_value = 512; ///< a longer value goes into its row's hash as a hash of its own

row_hash hash_bytes(const void *data, std::size_t size, const unsigned char (&secret)[192]) {
    const XXH128_hash_t h = XXH3_128bits_withSecret(data, size, secret, sizeof secret);
    return {h.low64, h.high64};
}

constexpr std::size_t word_size = sizeof(std::uint64_t);

/// The bytes, fewer than a word has, as a word that is filled up with zeros.
std::uint64_t short_word(const char *from, std::size_t size) {
    std::uint64_t word = 0;
    if constexpr (std::endian::native != std::endian::little) {
        memcpy(&word, from, size);
    } else if (size >= 4) { // two halves that may overlap, where they say the same
        std::uint32_t first, last;
        memcpy(&first, from, sizeof first);
        memcpy(&last, from + size - sizeof last, sizeof last);
        word = first | std::uint64_t{last} << 8 * (size - sizeof last);
    } else {
        for (std::size_t i = 0; i < size; ++i)
            word |= std::uint64_t{static_cast<unsigned char>(from[i])} << 8 * i;
    }
    return word;
}

/// Copies bytes in whole words, the last one filled up. They are read back word by word at once, and a processor waits
/// where such a word was written in parts.
char *copy_words(char *to, const char *from, std::size_t size) {
    for (; size >= word_size; size -= word_size, from += word_size, to += word_size)
        memcpy(to, from, word_size);
    if (size == 0)
        return to;
    const std::uint64_t word = short_word(from, size);
    memcpy(to, &word, word_size);
    return to + word_size;
}

} // namespace

hash_secrets::hash_secrets() {
    if (!pg_strong_random(this, sizeof *this))
        throw error(sqlstate::internal, "could not make random numbers");
}

hashed_rows::hashed_rows(Oid table, Snapshot snapshot, const hash_secrets &secret)
    : snapshot_(snapshot), secret_(secret), hasher_(secret), batch_(batch_rows),
      exceptions_(std::uncaught_exceptions()) {
    const bool plain = call([&] {
        relation_ = table_open(table, AccessShareLock);
        shape_ = RelationGetDescr(relation_);
        if ((relation_->rd_rel->relkind != RELKIND_RELATION && relation_->rd_rel->relkind != RELKIND_MATVIEW) ||
            relation_->rd_rel->relam != HEAP_TABLE_AM_OID)
            return false;
        BlockNumber pages;
        double visible;
        table_relation_estimate_size(relation_, nullptr, &pages, &estimate_, &visible);
        return true;
    });
    if (!plain) {
        const std::string refused = name();
        call([&] { table_close(relation_, NoLock); });
        throw error(sqlstate::internal, "\"" + refused + "\" is not a plain table, its rows can't be compared");
    }
}

hashed_rows::~hashed_rows() {
    // After an error the transaction's abort frees all this.
    if (std::uncaught_exceptions() == exceptions_) {
        if (scan_)
            table_endscan(scan_);
        table_close(relation_, NoLock);
    }
}

void hashed_rows::read(std::vector<column> columns, bool alike) {
    hasher_.read(std::move(columns));
    alike_ = alike;
    const std::size_t natts = static_cast<std::size_t>(shape_->natts);
    values_.resize(natts);
    nulls_ = std::make_unique<bool[]>(natts);
}

std::uint32_t hashed_rows::pages() const {
    return call([&] { return RelationGetNumberOfBlocks(relation_); });
}

bool hashed_rows::next(what w, const bucket_set *buckets) {
    if (ended_) {
        ended_ = false;
        return false;
    }
    call([&] {
        CHECK_FOR_INTERRUPTS();
        // A synchronized scan might begin in the middle, and rows would come in another order.
        if (scan_ == nullptr) {
            scan_ = table_beginscan_strat(relation_, snapshot_, 0, nullptr, true, false);
            if (pages_ != InvalidBlockNumber)
                heap_setscanlimits(scan_, first_, pages_);
            pages_ = InvalidBlockNumber;
        }
        fill(w, buckets);
        if (ended_) {
            table_endscan(scan_);
            scan_ = nullptr;
        }
    });
    return true;
}

/// Inside call(), and not inlined there: code around a setjmp is optimised badly.
[[gnu::noinline]] void hashed_rows::fill(what w, const bucket_set *buckets) {
    count_ = 0;
    for (std::size_t scanned = 0; scanned < 8 * batch_rows && count_ < batch_rows; ++scanned) {
        HeapTuple tuple = heap_getnext(scan_, ForwardScanDirection);
        if (tuple == nullptr) {
            ended_ = true;
            return;
        }
        hashed_row &r = batch_[count_];
        r.place = std::bit_cast<row_place>(tuple->t_self);
        if (w == what::values) {
            r.hash = hash_values(tuple);
        } else if (w != what::places) {
            bool of_values = false;
            r.hash = hash_row(tuple, of_values);
            if (w == what::differing) {
                if (!buckets->has(r.hash))
                    continue;
                if (!of_values)
                    r.hash = hash_values(tuple);
            }
        }
        ++count_;
    }
}

/// The hash that decides on the bucket. Inside call().
row_hash hashed_rows::hash_row(HeapTuple tuple, bool &of_values) {
    HeapTupleHeader header = tuple->t_data;
    // Among rows of one layout that have all attributes, the same bytes are the same values, unless
    // they point to a TOAST table.
    if (alike_ && !HeapTupleHasExternal(tuple) && HeapTupleHeaderGetNatts(header) == shape_->natts) {
        const bool has_nulls = header->t_infomask & HEAP_HASNULL;
        const std::size_t from = has_nulls ? offsetof(HeapTupleHeaderData, t_bits) : header->t_hoff;
        return hash_bytes(reinterpret_cast<const char *>(header) + from, tuple->t_len - from,
                          has_nulls ? secret_.with_nulls : secret_.without_nulls);
    }
    of_values = true;
    return hash_values(tuple);
}

/// The hash of a row's values, the same however they are stored. Inside call().
row_hash hashed_rows::hash_values(HeapTuple tuple) {
    heap_deform_tuple(tuple, shape_, values_.data(), nulls_.get());
    return hasher_.of(values_.data(), nulls_.get());
}

value_hasher::value_hasher(const hash_secrets &secret) : secret_(secret), exceptions_(std::uncaught_exceptions()) {
    call([&] {
        memory_ = AllocSetContextCreate(CurrentMemoryContext, "barometre row difference", ALLOCSET_DEFAULT_SIZES);
    });
}

value_hasher::~value_hasher() {
    if (std::uncaught_exceptions() == exceptions_) // else the transaction's abort frees it
        MemoryContextDelete(memory_);
}

void value_hasher::read(std::vector<column> columns) {
    columns_ = std::move(columns);
    std::size_t size = (columns_.size() + 63) / 64 * word_size; // which are NULL
    for (const column &c : columns_)
        size += c.length > 0 ? (static_cast<std::size_t>(c.length) + word_size - 1) / word_size * word_size
                             : word_size + std::max(long_value, sizeof(row_hash));
    flat_.resize(size + word_size);
}

row_hash value_hasher::of(const Datum *values, const bool *nulls) {
    bool detoasted = false;
    char *to = flat_.data();
    const std::size_t count = columns_.size();
    for (std::size_t i = 0; i < count; i += 64, to += word_size) { // which are NULL tells what follows
        std::uint64_t are_null = 0;
        for (std::size_t k = i; k < std::min(i + 64, count); ++k)
            are_null |= std::uint64_t{nulls[columns_[k].index]} << (k - i);
        memcpy(to, &are_null, word_size);
    }
    for (const column &c : columns_) {
        const Datum value = values[c.index];
        if (nulls[c.index])
            continue;
        if (c.by_value) {
            memcpy(to, &value, sizeof value);
            to += sizeof value;
            continue;
        }
        const char *data = DatumGetPointer(value);
        if (c.length > 0) {
            to = copy_words(to, data, static_cast<std::size_t>(c.length));
            continue;
        }
        std::uint64_t size;
        if (c.length == -1) {
            if (VARATT_IS_COMPRESSED(data) || VARATT_IS_EXTERNAL(data)) {
                MemoryContext before = MemoryContextSwitchTo(memory_);
                data = reinterpret_cast<const char *>(
                    pg_detoast_datum_packed(reinterpret_cast<varlena *>(DatumGetPointer(value))));
                MemoryContextSwitchTo(before);
                detoasted = true;
            }
            size = VARSIZE_ANY_EXHDR(data);
            data = VARDATA_ANY(data);
        } else {
            size = strlen(data);
        }
        memcpy(to, &size, word_size);
        to += word_size;
        if (size <= long_value) {
            to = copy_words(to, data, size);
        } else {
            const row_hash h = hash_bytes(data, size, secret_.values);
            memcpy(to, &h, sizeof h);
            to += sizeof h;
        }
    }
    if (detoasted)
        MemoryContextReset(memory_);
    return hash_bytes(flat_.data(), static_cast<std::size_t>(to - flat_.data()), secret_.values);
}

bool bytes_decide(Oid type, Oid collation) {
    const TypeCacheEntry *known = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);
    if (!OidIsValid(known->btree_opf))
        return false;
    const Oid same =
        get_opfamily_proc(known->btree_opf, known->btree_opintype, known->btree_opintype, BTEQUALIMAGE_PROC);
    return OidIsValid(same) &&
           DatumGetBool(OidFunctionCall1Coll(same, collation, ObjectIdGetDatum(known->btree_opintype)));
}

} // namespace barometre::pg
