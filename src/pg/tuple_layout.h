#pragma once

#include "core/value/short_integers.h"
#include "pg/row_packer.h"
#include "pg/stored_value.h"

#include <algorithm>

/// Columns of a heap tuple, laid out one after the other.
namespace barometre::pg {

/// What any value takes of a text that is no longer, with what is written beside it, and nothing but it.
inline constexpr std::size_t short_text = 16, room_of_short = short_text + 32;

/// A tuple that is being laid out, in `bytes`, which hold room_of_short for each column that is still to come.
struct row_packer::layout {
    const record::field *fields;
    bool has_margins;     ///< as record_input has it
    std::uint64_t *nulls; ///< a bit for each column
    row_batch::store &bytes;
    char *at;                  ///< where the next value goes
    std::size_t spare;         ///< bytes that there are for long texts
    std::size_t misfit;        ///< a column whose value is not of its expected form, or none
    bool has_null = false;     ///< a bit of them is set
    bool has_varwidth = false; ///< and not only numbers of fixed size
    std::int64_t key = 0;

    void set_null(std::size_t column) {
        nulls[column / 64] |= std::uint64_t{1} << column % 64;
        has_null = true;
    }
    /// For the value of a text of that size.
    [[gnu::always_inline]] void make_room(std::size_t text_size) {
        if (text_size <= short_text)
            return;
        if (text_size > spare)
            make_spare(text_size);
        spare -= text_size;
    }

private:
    [[gnu::noinline]] void make_spare(std::size_t wanted) {
        const auto used = static_cast<std::size_t>(at - bytes.data());
        const std::size_t promised = bytes.capacity() - used - spare;
        bytes.set_size(used);
        bytes.reserve(used + promised + wanted);
        spare = bytes.capacity() - used - promised;
        at = bytes.data() + used;
    }
};

constexpr bool has_varwidth(oid type) { return type == TEXTOID || type == VARCHAROID || type == NUMERICOID; }

/// A number that was read is of the form by which the type finder knows it: no plus sign, no
/// leading zero, and as bigint no more than 18 digits.
[[gnu::always_inline]] inline bool is_canonical(std::string_view text, bool is_bigint) {
    const std::size_t sign = text[0] == '-';
    return text[0] != '+' && (text[sign] != '0' || text.size() == sign + 1 || text[sign + 1] == '.') &&
           !(is_bigint && text.size() > sign + 18);
}

/// A value of a column whose type was found is one by which it would be found.
[[gnu::always_inline]] inline bool is_expected(const record::field &f, Oid type) {
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

/// The columns of a run whose values are read as they are, each by the reader of that type; false: one is not of an
/// ordinary form.
template <oid type> [[gnu::always_inline]] inline bool row_packer::pack_run(const run &columns, layout &to) {
    const record::field *f = to.fields + columns.source;
    for (std::size_t i = columns.first; i < columns.end; ++i, ++f) {
        if (f->is_null) {
            to.set_null(i);
            continue;
        }
        const std::size_t size = f->text.size();
        if (has_varwidth(type))
            to.make_room(size);
        if (type == TEXTOID && to.has_margins && size <= short_text) {
            static_assert(short_text <= record::margin_after);
            store_length(size, true, to.at);
            memcpy(to.at, f->text.data(), short_text);
            to.at += size;
        } else if (!store_value(type, columns.modifier, f->text, to.at)) {
            return false;
        }
        to.has_varwidth |= has_varwidth(type);
        if (columns.found && !is_expected(*f, type))
            to.misfit = i;
    }
    return true;
}

/// The same of integers, most of which are short.
template <class Integer, oid type>
[[gnu::always_inline]] inline bool row_packer::pack_integers(const run &columns, layout &to) {
    const value::digit_places &how = columns.found ? value::canonical_integer : value::any_integer;
    const record::field *f = to.fields + columns.source;
    // Once the first one is aligned the others are.
    char *const first = align(to.at, sizeof(Integer)), *at = first;
    std::size_t i = columns.first;
    const auto pack_one = [&]() __attribute__((always_inline)) {
        std::int64_t number;
        if (f->is_null) {
            to.set_null(i);
        } else if (to.has_margins && value::read_short(f->text, how, number)) {
            const auto stored = static_cast<Integer>(number);
            memcpy(at, &stored, sizeof stored);
            at += sizeof stored;
        } else {
            if (!store_value(type, columns.modifier, f->text, at))
                return false;
            if (columns.found && !is_expected(*f, type))
                to.misfit = i;
        }
        ++i;
        ++f;
        return true;
    };
    const auto pack_four = [&]() __attribute__((always_inline)) {
        std::size_t sizes[] = {f[0].text.size(), f[1].text.size(), f[2].text.size(), f[3].text.size()};
        const char *const ends[] = {f[0].text.data() + sizes[0], f[1].text.data() + sizes[1],
                                    f[2].text.data() + sizes[2], f[3].text.data() + sizes[3]};
        if ((sizes[0] | sizes[1] | sizes[2] | sizes[3]) >= value::digit_places::no_text)
            return false;
        if (!(f[0].is_null | f[1].is_null | f[2].is_null | f[3].is_null)) {
            if (!value::read_four<Integer>(ends, sizes, how, at))
                return false;
            at += 4 * sizeof(Integer);
        } else {
            for (std::size_t k = 0; k < 4; ++k)
                sizes[k] |= f[k].is_null ? value::digit_places::no_text : 0;
            Integer numbers[4];
            if (!value::read_four<Integer>(ends, sizes, how, reinterpret_cast<char *>(numbers)))
                return false;
            for (std::size_t k = 0; k < 4; ++k) { // without a branch, which nobody could foresee
                memcpy(at, &numbers[k], sizeof numbers[k]);
                at += f[k].is_null ? 0 : sizeof numbers[k];
                to.nulls[(i + k) / 64] |= static_cast<std::uint64_t>(f[k].is_null) << (i + k) % 64;
            }
            to.has_null = true;
        }
        i += 4;
        f += 4;
        return true;
    };
    while (i < columns.end) {
        if (to.has_margins && columns.end - i >= 4 && pack_four())
            continue;
        for (const std::size_t end = std::min(columns.end, i + 4); i < end;)
            if (!pack_one())
                return false;
    }
    if (at != first)
        to.at = at;
    return true;
}

} // namespace barometre::pg
