#include "load/json_input.h"

#include <algorithm>

namespace barometre::load {

json_input::json_input(const input_file &input, const json_format &format)
    : record_input(input.file, format), dialect_(format.dialect), before_(input.prefix),
      shows_paths_(!format.hides_values || format.dialect.levels.empty()), has_whole_header_(input.has_whole_header) {
    header_ = input.header;
    types_ = input.types;
    begin();
    if (header_.empty() && !has_whole_header_) {
        find_header(input.most);
        is_at_begin_ = false;
    }
}

void json_input::begin() {
    reader_ = pg::reading(file_, [&] {
        return std::make_unique<json::record_reader>(pg::descriptor_of(file_), dialect_, header_,
                                                     before_ ? &*before_ : nullptr);
    });
}

void json_input::find_header(std::int64_t most) {
    pg::reading(file_, [&] {
        const std::int64_t enough = most > 0 ? std::min(most, first_records) : first_records;
        std::int64_t records = 0;
        while (records < enough && reader_->next())
            ++records;
        has_whole_header_ = records < enough || most == enough;
    });
    header_ = reader_->header().names;
    types_ = reader_->header().types;
}

void json_input::look(const see &show) {
    std::vector<record::field> widest; // of one record in the place of all
    for (const record::found_type type : types_)
        widest.push_back({{}, type == record::found_type::none, type});
    if (!widest.empty())
        show(widest);
}

bool json_input::next() {
    if (!is_at_begin_) {
        begin();
        is_at_begin_ = true;
    }
    if (!reader_->on_bad)
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
    const bool found = pg::reading(file_, [&] { return reader_->next(); });
    if (const auto &names = reader_->header().names; names.size() > header_.size()) {
        if (has_whole_header_)
            throw changed_while_read(file_);
        header_.insert(header_.end(), names.begin() + static_cast<std::ptrdiff_t>(header_.size()), names.end());
    }
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
