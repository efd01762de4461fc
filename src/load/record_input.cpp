#include "load/record_input.h"
#include "core/text/utf8.h"
#include "load/planned_column.h"

namespace barometre::load {

bool record_input::is_unchanged() const { return pg::state_of(*file_.opened) == file_.state; }

void record_input::check_unchanged() const {
    if (!is_unchanged())
        throw changed_while_read(file_);
}

std::optional<std::string> record_input::shown(const std::string &raw) const {
    if (hides_values_)
        return std::nullopt;
    return text::legible(raw); // so that it can be shown, whatever it holds
}

std::string record_input::name_of(std::size_t field) const {
    return field == 0 ? "" : field <= names_.size() ? names_[field - 1] : std::to_string(field);
}

namespace {

const std::vector<std::string> &reserved_names() {
    static const std::vector<std::string> names{"_baro_file", "_baro_line", "_baro_seq", "_baro_new", "ctid",
                                                "xmin",       "xmax",       "cmin",      "cmax",      "tableoid"};
    return names;
}

} // namespace

name::named_header name_fields(const std::vector<std::string> &header, const std::vector<name::known_field> &known,
                               name::rule how) {
    return name::name_fields(header, known, reserved_names(), how);
}

std::vector<std::string> names_by_place(const std::vector<std::string> &header) {
    return name::names_by_place(header, reserved_names());
}

std::vector<std::string> renamings(const file_format &format, const pg::data_file &file,
                                   const name::named_header &named) {
    std::vector<std::string> sentences;
    for (const name::renamed_field &r : named.renamed) {
        if (sentences.size() == most_columns_told) {
            sentences.push_back(format.what + ": " + std::to_string(named.renamed.size() - most_columns_told) +
                                " more columns of file \"" + file.name + "\" have other names than its header says");
            break;
        }
        sentences.push_back(format.what + ": column " + std::to_string(r.position) + " of file \"" + file.name +
                            "\" is called \"" + r.name + "\", because " + r.why);
    }
    return sentences;
}

error changed_while_read(const pg::data_file &file) {
    return {sqlstate::bad_file, "file \"" + file.name + "\" changed while it was read", "",
            "Run again once the upload is complete; nothing of this run was kept."};
}

} // namespace barometre::load
