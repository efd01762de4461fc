#include "load/csv_format.h"
#include "core/csv/look.h"
#include "core/error.h"
#include "core/json/look.h"
#include "load/csv_input.h"
#include "load/input_file.h"

#include <algorithm>

namespace barometre::load {

csv_format settled(const csv_format &format, const pg::data_file &file) {
    return pg::reading(file, [&] {
        csv_format settled = format;
        settled.finds_delimiter = format.dialect.delimiter.empty();
        csv::dialect &how = settled.dialect;
        const pg::data_file opened = pg::open_file(file);
        const auto [coding, text] = settled.look_at(opened, how.coding, "CSV");
        how.coding = coding;
        if (const std::string json = settled.field_names.empty() && json::may_begin(text)
                                         ? json::seems(pg::descriptor_of(opened), how.coding)
                                         : "";
            !json.empty())
            throw error(sqlstate::bad_file,
                        "file \"" + file.name + "\" is no CSV file: it looks like " +
                            (json == "jsonl" ? "JSON lines" : "a JSON document"),
                        "",
                        (format.is_seed ? "A seed is a CSV file" : "Say  format: " + json + "  in barometre.yml") +
                            "; nothing of this run was kept.");
        csv::look found = csv::look_at(pg::descriptor_of(opened), how, format.field_names.size());
        if (found.delimiter.empty() && found.undivided && format.is_seed)
            found.delimiter = ",";
        if (found.delimiter.empty())
            throw error(sqlstate::bad_file,
                        "file \"" + file.name + "\" has no delimiter that could be told from its first records", "",
                        "Name it in barometre.yml, for example  delimiter: ';'  (in these records there are " +
                            found.candidates + "); nothing of this run was kept.");
        how.delimiter = found.delimiter;
        how.skip_lines += found.sep_line;
        return settled;
    });
}

std::shared_ptr<const file_format> csv_format::settle(const pg::data_file &file) const {
    return std::make_shared<csv_format>(settled(*this, file));
}

std::unique_ptr<record_input> csv_format::open(const input_file &input) const {
    auto opened = std::make_unique<csv_input>(input.file, *this);
    if (input.has_whole_header && opened->header() != input.header)
        throw changed_while_read(input.file);
    if (input.prefix)
        opened->skip(*input.prefix);
    return opened;
}

std::string csv_format::found(const pg::data_file &file) const {
    return finds_delimiter ? "the delimiter of file \"" + file.name + "\" is " +
                                 csv::shown_delimiter(dialect.delimiter) + ", as its first records say"
                           : "";
}

void csv_format::add_to(text::parts &parts) const {
    std::vector<std::string> nulls = dialect.nulls;
    std::sort(nulls.begin(), nulls.end());
    parts << std::string{dialect.quote, dialect.escape} << dialect.comment << (dialect.lenient ? "lenient" : "")
          << (dialect.blank_is_null ? "blank" : "") << nulls << std::to_string(dialect.skip_lines) << folded_encodings()
          << field_names;
}

std::string csv_format::seems(const pg::data_file &file) const {
    csv_format other = *this;
    other.dialect.delimiter.clear();
    try {
        const pg::data_file opened = pg::open_file(file);
        other.dialect.delimiter = csv::look_at(pg::descriptor_of(opened), other.dialect, 0).delimiter;
        if (other.dialect.delimiter.empty() || other.dialect.delimiter == dialect.delimiter)
            return "";
        other.field_names.clear();
        csv_format as_said = *this;
        as_said.field_names.clear();
        if (csv_input(opened, other).header().size() > csv_input(opened, as_said).header().size())
            return "delimited by " + csv::shown_delimiter(other.dialect.delimiter) + ", and is read with " +
                   csv::shown_delimiter(dialect.delimiter);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
    }
    return "";
}

std::string csv_format::advice() const { return "the key \"delimiter\" of the stream"; }

std::string csv_format::encoding_hint() const {
    return is_seed ? "Save the file as UTF-8; " : file_format::encoding_hint();
}

std::string csv_format::record_hint() const {
    return "Correct the file, or the keys \"delimiter\" and \"quotechar\" in barometre.yml, or raise max_rejects; ";
}

} // namespace barometre::load
