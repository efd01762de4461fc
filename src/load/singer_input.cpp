#include "load/singer_input.h"
#include "core/text/text.h"

#include <ctime>

namespace barometre::load {

namespace {

/// The names that Singer's targets give to what a message says of its record.
constexpr char extracted_at[] = "_sdc_extracted_at", batched_at[] = "_sdc_batched_at", deleted_at[] = "_sdc_deleted_at";

constexpr char timestamptz[] = "timestamp with time zone";

/// When a file was written last, as the server reads it.
std::string time_of(const pg::data_file &file) {
    const std::time_t seconds = static_cast<std::time_t>(file.state.mtime_us / 1'000'000);
    std::tm at{};
    ::gmtime_r(&seconds, &at);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &at);
    return {text, size};
}

} // namespace

singer_input::singer_input(const input_file &input, const singer_format &format) : record_input(input.file, format) {
    const singer::content &held = *format.held_;
    singer::wanted what;
    what.stream = format.stream;
    what.flatten = format.flatten;
    what.blank_is_null = format.blank_is_null;
    const std::vector<singer::property> fields = format.fields_of(held);
    for (const singer::property &p : fields)
        add_field(p.name, p.type);
    for (std::size_t i = 0; i < types_.size(); ++i)
        if (types_[i] == "bigint")
            what.integers.push_back(i);
    const singer::stream_content *stream = held.find(format.stream);
    if (stream && !stream->properties.empty()) {
        const bool is_mark = format.part == singer_format::parts::mark, adds = format.add_metadata_columns && !is_mark;
        const auto lacks = [&](const char *name) { return adds && !text::contains(header_, name); };
        if (is_mark || lacks(deleted_at))
            add_field(deleted_at, is_mark ? "text" : timestamptz);
        what.fields = header_;
        what.version = is_mark;
        what.extracted_at = lacks(extracted_at);
        if (is_mark)
            add_field(version_column, "bigint");
        if (what.extracted_at)
            add_field(extracted_at, timestamptz);
        if (lacks(batched_at)) {
            add_field(batched_at, timestamptz);
            what.more.push_back(time_of(input.file));
        }
    }
    reader_ = pg::reading(file_, [&] {
        return std::make_unique<singer::record_reader>(pg::descriptor_of(file_), held, std::move(what));
    });
}

void singer_input::add_field(const std::string &name, const std::string &type) {
    header_.push_back(name);
    types_.push_back(type);
}

bool singer_input::next() {
    if (!reader_->on_bad)
        reader_->on_bad = [this](const json::bad_record &bad) {
            if (!on_bad)
                return;
            pg::reject r = origin();
            r.path = bad.why.path;
            r.sqlstate = bad.why.sqlstate;
            r.reason = hides_values_ && !bad.why.hidden.empty() ? bad.why.hidden : bad.why.reason;
            if (bad.why.field != json::fault::no_field)
                r.column_name = name_of(bad.why.field + 1);
            on_bad(std::move(r));
        };
    return pg::reading(file_, [&] { return reader_->next(); });
}

pg::reject singer_input::origin() const {
    pg::reject r;
    r.line = r.last_line = line();
    r.offset = reader_->offset();
    if (!hides_values_)
        r.raw = shown(reader_->raw());
    return r;
}

} // namespace barometre::load
