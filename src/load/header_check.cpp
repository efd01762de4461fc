#include "load/header_check.h"
#include "core/csv/record_reader.h"
#include "core/error.h"
#include "core/name/column_name.h"
#include "core/record/found_type.h"
#include "core/text/ascii.h"
#include "core/text/text.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace barometre::load {

namespace {

bool is_number(const std::string &text) {
    const record::found_type type = record::type_of(text);
    return type == record::found_type::bigint || type == record::found_type::numeric;
}

std::vector<std::string> parts_of(std::string_view text, std::string_view sign) {
    std::vector<std::string> out;
    for (std::size_t at; (at = text.find(sign)) != std::string_view::npos; text.remove_prefix(at + sign.size()))
        out.emplace_back(text.substr(0, at));
    out.emplace_back(text);
    return out;
}

/// The keys that read past the header, and name the columns in its place; equal names get a number.
std::string named_anew(const std::vector<std::string> &header, std::uint64_t last_line) {
    constexpr std::size_t most_shown = 40;
    const bool more = header.size() > most_shown;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(header.size(), most_shown); ++i) {
        const std::string name = name::column_name(header[i]);
        std::string given = name;
        for (int n = 2; given.empty() || text::contains(names, given); ++n)
            given = (name.empty() ? "column" : name) + "_" + std::to_string(n);
        names.push_back(given);
    }
    return "skip_initial: " + std::to_string(last_line) + ", field_names: [" + text::join(names) +
           (more ? ", ...]" : "]");
}

void check_names(const csv_format &format, const pg::data_file &file, const std::vector<std::string> &header,
                 std::uint64_t last_line) {
    std::set<std::string> texts;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const std::string name = name::trimmed(header[i]);
        if (name.empty() || texts.insert(name).second)
            continue;
        throw error(
            sqlstate::contract,
            format.what + ": two columns of file \"" + file.name + "\" are called " +
                (format.hides_values ? "the same" : text::quoted(name)),
            format.hides_values ? "One of them is column " + std::to_string(i + 1) + "." : "",
            "Rename one in the file's header" +
                (format.is_seed ? "."
                 : format.hides_values
                     ? ", or pass over the header with  skip_initial: " + std::to_string(last_line) +
                           "  and name the columns with field_names."
                     : ", or pass over the header, and name the columns yourself:  " + named_anew(header, last_line)));
    }
}

void check_comment(const csv_format &format, const pg::data_file &file, const std::vector<std::string> &header,
                   const std::string &comment) {
    if (header.size() < 2 || std::none_of(header.begin(), header.end(), is_number))
        return;
    const std::vector<std::string> names = parts_of(comment, format.dialect.delimiter);
    const auto is_name = [](const std::string &part) { return !name::column_name(part).empty() && !is_number(part); };
    if (names.size() != header.size() || !std::all_of(names.begin(), names.end(), is_name))
        return;
    throw error(sqlstate::bad_file, format.what + ": the header of file \"" + file.name + "\" seems to be a comment",
                (format.hides_values ? "" : "It is " + text::quoted(format.dialect.comment + comment) + ". ") +
                    std::string("The record after it, which would be the header, has numbers in it."),
                "If it is the header, remove the key \"comment\" from barometre.yml, or name the columns with "
                "field_names; nothing of this run was kept.");
}

/// What stands between texts that all have as many delimiters, and after the first one numbers; empty: nothing does.
std::string terminator_in(const std::string &line, const std::string &delimiter) {
    constexpr const char *wide[] = {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}; // NEL, LS, PS
    std::vector<std::string> signs(std::begin(wide), std::end(wide));
    for (char c : line)
        if (static_cast<unsigned char>(c) < 0x80 && !text::is_letter(c) && !text::is_digit(c) &&
            std::string_view(" \t_-.'\"()").find(c) == std::string_view::npos &&
            delimiter.find(c) == std::string::npos && !text::contains(signs, std::string(1, c)))
            signs.emplace_back(1, c);
    for (const std::string &sign : signs) {
        std::vector<std::string> records = parts_of(line, sign);
        std::erase(records, ""); // of a sign of two characters, and after the last one
        if (records.size() < 2)
            continue;
        const std::size_t fields = parts_of(records[0], delimiter).size();
        bool is_control = sign.size() > 1 || text::is_control(sign[0]), has_numbers = false, fits = true;
        for (std::size_t i = 0; i < records.size() && fits; ++i) {
            const std::vector<std::string> parts = parts_of(records[i], delimiter);
            const bool numbers = std::any_of(parts.begin(), parts.end(), is_number);
            fits = parts.size() == fields && !(numbers && i == 0);
            has_numbers |= numbers;
        }
        if (fits && (is_control || (fields > 1 && has_numbers))) // a header like  id,km/h,name  is none of these
            return sign;
    }
    return "";
}

std::string shown_sign(const std::string &sign) {
    if (sign.size() == 1 && !text::is_control(sign[0]))
        return text::quoted(sign);
    char code[8];
    const unsigned point = sign.size() == 1   ? static_cast<unsigned char>(sign[0])
                           : sign.size() == 2 ? 0x85
                                              : 0x2000u + static_cast<unsigned char>(sign[2]) - 0x80u;
    std::snprintf(code, sizeof code, "U+%04X", point);
    return code;
}

void check_terminator(const csv_format &format, const pg::data_file &file, const std::vector<std::string> &header) {
    const std::string sign = terminator_in(text::join(header, format.dialect.delimiter), format.dialect.delimiter);
    if (sign.empty())
        return;
    csv::record_reader probe(pg::descriptor_of(file), format.dialect);
    bool has_more = false;
    probe.on_bad = [&](const csv::bad_record &) { has_more = true; };
    if (probe.next() && (probe.next() || has_more))
        return;
    throw error(sqlstate::bad_file,
                format.what + ": file \"" + file.name + "\" has a single line, whose records seem to end in " +
                    shown_sign(sign),
                "Records end in LF, CR LF or CR.",
                "Convert the file, or correct the key \"delimiter\" in barometre.yml; nothing of this run was kept.");
}

} // namespace

void check_header(const csv_format &format, const pg::data_file &file, const std::vector<std::string> &header,
                  const std::string &comment, std::uint64_t last_line) {
    if (!comment.empty())
        check_comment(format, file, header, comment);
    check_terminator(format, file, header);
    check_names(format, file, header, last_line);
}

} // namespace barometre::load
