#pragma once

#include "core/csv/dialect.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// The passes over text that reading records needs, in words of eight bytes where they are many.
namespace barometre::csv {

std::uint64_t count_newlines(const char *text, std::size_t size);

/// Appends where the delimiters of a record without quotes are.
void plain_ends(const char *text, std::size_t size, char delimiter, std::vector<std::uint32_t> &ends);

/// Finds the delimiters outside quotes, and whether a quote is open, over the lines of one record.
struct quote_scan {
    enum { field_start, unquoted, quoted, closed, broken } at = field_start;

    /// Goes on over record[from, size), and appends the delimiters' places in `record`.
    void over(const char *record, std::size_t from, std::size_t size, const dialect &how, std::vector<std::uint32_t> &ends);
};

bool is_ascii(std::string_view s);
bool is_utf8(std::string_view s);

/// Nothing but white space, as Unicode has it.
bool is_blank(std::string_view s);

} // namespace barometre::csv
