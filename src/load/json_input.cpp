#include "load/json_input.h"
#include "core/json/writer.h"

namespace barometre::load {

json_input::json_input(const input_file &input, const json_format &format)
    : record_input(input.file, format), dialect_(format.dialect), before_(input.prefix),
      shows_paths_(!format.hides_values || format.dialect.levels.empty()) {
    header_ = input.header;
    if (header_.empty())
        find_header(input.most);
    else
        begin(header_);
}

void json_input::begin(const std::optional<std::vector<std::string>> &header) {
    reader_ = pg::reading(file_, [&] {
        return std::make_unique<json::record_reader>(pg::descriptor_of(file_), dialect_, header,
                                                     before_ ? &*before_ : nullptr);
    });
}

void json_input::find_header(std::int64_t most) {
    begin(std::nullopt);
    pg::reading(file_, [&] {
        for (std::int64_t records = 0; (most == 0 || records < most) && reader_->next(); ++records) {
        }
    });
    json::found_header found = reader_->header();
    header_ = std::move(found.names);
    types_ = std::move(found.types);
}

void json_input::look(const see &show) {
    std::vector<record::field> widest; // of one record in the place of all
    for (const record::found_type type : types_)
        widest.push_back({{}, type == record::found_type::none, type});
    if (!widest.empty())
        show(widest);
}

bool json_input::next() {
    if (!has_begun_)
        begin(header_);
    if (!has_begun_)
        reader_->on_bad = [this](const json::bad_record &bad) {
            if (!on_bad)
                return;
            pg::reject r = origin();
            r.last_line = static_cast<std::int64_t>(bad.last_line);
            r.path = shows_paths_ ? bad.why.path : "";
            r.sqlstate = bad.why.sqlstate;
            r.reason = hides_values_ && !bad.why.hidden.empty() ? bad.why.hidden : bad.why.reason;
            if (bad.why.field != json::fault::no_field)
                r.column_name = name_of(bad.why.field + 1);
            on_bad(std::move(r));
        };
    has_begun_ = true;
    const bool found = pg::reading(file_, [&] { return reader_->next(); });
    if (reader_->is_other())
        throw changed_while_read(file_);
    return found;
}

pg::reject json_input::origin() const {
    pg::reject r;
    r.line = line();
    r.last_line = static_cast<std::int64_t>(reader_->last_line());
    r.offset = reader_->offset();
    if (shows_paths_)
        r.path = reader_->path();
    if (!hides_values_)
        r.raw = shown(reader_->raw());
    return r;
}

} // namespace barometre::load
