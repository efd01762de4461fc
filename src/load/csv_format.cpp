#include "load/csv_format.h"
#include "core/csv/foreign.h"
#include "core/csv/look.h"
#include "core/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace barometre::load {

namespace {

error damaged(const pg::data_file &file, const std::string &what, const std::string &hint) {
    return {sqlstate::bad_file, "file \"" + file.name + "\" " + what, "", hint + "; nothing of this run was kept."};
}

/// The first bytes, and the same of the text when they are decompressed.
std::pair<std::string, std::string> first_bytes(int opened, const csv::dialect &how) {
    std::string first(4096, '\0');
    const ssize_t got = ::pread(opened, first.data(), first.size(), 0);
    if (got < 0)
        throw csv::unreadable(std::strerror(errno), csv::disk_remedy);
    first.resize(static_cast<std::size_t>(got));
    if (how.packed == csv::compression::none)
        return {first, first};
    csv::decoder in(opened, how.packed, "utf-8", how.most, std::make_shared<csv::read_progress>());
    std::string text(first.size() + 4096, '\0');
    std::size_t size = 0;
    while (const std::size_t n = text.size() - size < 8 ? 0 : in.read(text.data() + size, text.size() - size))
        size += n;
    text.resize(size);
    return {first, text};
}

void refuse_foreign(const pg::data_file &file, const std::string &foreign) {
    if (foreign.empty())
        return;
    const std::string hint = foreign.starts_with("UTF-32")   ? "Name its encoding in barometre.yml:  encoding: utf-32"
                             : foreign.starts_with("UTF-")   ? "Name its encoding in barometre.yml:  encoding: utf-16"
                             : foreign.starts_with("no UTF") ? "Correct the key \"encoding\" in barometre.yml"
                             : foreign.starts_with("gzip")   ? "If it is compressed its name must end in .gz"
                             : foreign.starts_with("zstd")   ? "If it is compressed its name must end in .zst"
                                                           : "Remove it, or correct the key \"pattern\" of the stream";
    throw damaged(file, (foreign.starts_with("no") ? "is " : "is no CSV file: it looks like ") + foreign, hint);
}

csv_format settle_opened(const csv_format &format, const pg::data_file &file) {
    csv_format settled = format;
    csv::dialect &how = settled.dialect;
    how.packed = csv::compression_of(file.name);
    const pg::data_file opened = pg::open_file(file);
    const int descriptor = pg::descriptor_of(opened);
    const auto [first, text] = first_bytes(descriptor, how);
    for (const std::string &encoding : format.encodings) { // the last one is taken for what none fits
        how.encoding = encoding;
        if (&encoding == &format.encodings.back() || (csv::other_encoding(text, encoding).empty() &&
                                                      csv::is_valid_in(descriptor, how.packed, encoding, how.most)))
            break;
    }
    refuse_foreign(file, csv::foreign_content(first, how.packed, how.encoding));
    if (how.packed != csv::compression::none)
        refuse_foreign(file, csv::foreign_content(text, csv::compression::none, how.encoding));
    csv::look found = csv::look_at(descriptor, how, format.field_names.size());
    if (found.delimiter.empty() && found.undivided && format.is_seed)
        found.delimiter = ",";
    if (found.delimiter.empty())
        throw damaged(file, "has no delimiter that could be told from its first records",
                      "Name it in barometre.yml, for example  delimiter: ';'  (in these records there are " +
                          found.candidates + ")");
    how.delimiter = found.delimiter;
    how.skip_lines += found.sep_line;
    return settled;
}

} // namespace

std::string encoding_hint(const csv_format &format) {
    return format.is_seed ? "Save the file as UTF-8; "
                          : "Save the file as UTF-8, or name its encoding in barometre.yml, for example  encoding: "
                            "[utf-8, windows-1252]; ";
}

csv_format settle(const csv_format &format, const pg::data_file &file) {
    return pg::reading(file, [&] { return settle_opened(format, file); });
}

} // namespace barometre::load
