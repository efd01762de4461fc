#include "load/csv_format.h"
#include "core/csv/look.h"
#include "core/error.h"
#include "pg/cancels.h"

#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace barometre::load {

namespace {

error damaged(const pg::data_file &file, const std::string &what, const std::string &hint) {
    return {sqlstate::bad_file, "file \"" + file.name + "\" " + what, "", hint + "; nothing of this run was kept."};
}

} // namespace

csv_format settle(const csv_format &format, const pg::data_file &file) {
    csv_format settled = format;
    csv::dialect &how = settled.dialect;
    how.packed = csv::compression_of(file.name);
    how.encoding = format.encodings.front();
    const pg::descriptor opened = pg::open_file(file);
    std::string first(4096, '\0');
    const ssize_t got = ::pread(opened.get(), first.data(), first.size(), 0);
    if (got < 0)
        throw damaged(file, std::string("could not be read: ") + std::strerror(errno), "Look at the disk");
    first.resize(static_cast<std::size_t>(got));
    if (const std::string foreign = csv::foreign_content(first, how.packed, how.encoding); !foreign.empty())
        throw damaged(file, "is no CSV file: it looks like " + foreign,
                      foreign.starts_with("UTF-")   ? "Name its encoding in barometre.yml:  encoding: utf-16"
                      : foreign.starts_with("gzip") ? "If it is compressed its name must end in .gz"
                      : foreign.starts_with("zstd") ? "If it is compressed its name must end in .zst"
                                                    : "Remove it, or correct the key \"pattern\" of the stream");
    for (std::size_t i = 1; i < format.encodings.size(); ++i) { // the last one is taken for what none fits
        if (csv::is_valid_in(opened.get(), how.packed, how.encoding, how.most, [] { pg::check_interrupts(); }))
            break;
        how.encoding = format.encodings[i];
    }
    csv::look found = csv::look_at(opened.get(), how, format.field_names.size());
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

} // namespace barometre::load
