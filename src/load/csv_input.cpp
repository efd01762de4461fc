#include "load/csv_input.h"
#include "core/name/column_name.h"
#include "pg/relations.h"

namespace barometre::load {

namespace {

std::string located(const csv_format &format, const std::string &file, std::uint64_t line) {
    return format.what + ": file \"" + file + "\", line " + std::to_string(line);
}

error describe(const csv::bad_record &bad, const csv_format &format, const std::string &file,
               const std::vector<std::string> &names) {
    using reason = csv::bad_record::reason;
    std::string where = located(format, file, bad.line);
    if (bad.column)
        where += ", column " + (bad.column <= names.size() ? "\"" + names[bad.column - 1] + "\"" : std::to_string(bad.column));
    const std::string correct = "Correct the line in the file and run again; nothing of this run was kept.";
    switch (bad.why) {
    case reason::field_count:
        return {sqlstate::bad_record,
                where + ": expected " + std::to_string(bad.expected) + " fields, found " + std::to_string(bad.found), "",
                "Correct the line in the file, or the keys \"delimiter\" and \"quotechar\" in barometre.yml; nothing of "
                "this run was kept."};
    case reason::encoding:
        return {sqlstate::bad_record, where + ": invalid byte sequence for encoding UTF-8", "",
                "Save the file as UTF-8 and run again; nothing of this run was kept."};
    case reason::nul:
        return {sqlstate::bad_record, where + ": NUL byte", "PostgreSQL can't store NUL bytes in text.", correct};
    case reason::unclosed_quote:
        return {sqlstate::bad_record, where + ": a quoted field is never closed", "", correct};
    case reason::text_after_quote:
        return {sqlstate::bad_record, where + ": text after a closing quote",
                "Only a delimiter or the end of the line may follow a closing quote; a quote inside a quoted field is doubled.",
                correct};
    case reason::quote_in_unquoted:
        return {sqlstate::bad_record, where + ": a quote inside a field that does not begin with one",
                "A field that holds quotes must be quoted, and the quotes inside it doubled.", correct};
    case reason::line_too_long:
        return {sqlstate::bad_record, where + ": the line is longer than 16 MiB", "", correct};
    }
    return {sqlstate::bad_record, where + ": the record can't be loaded", "", correct};
}

} // namespace

csv_input::csv_input(const pg::data_file &file, const csv_format &format)
    : file_(file), descriptor_(pg::open_file(file)), dialect_(format.dialect),
      reader_(descriptor_.get(), format.dialect, format.field_names.size()) {
    // By value: this object may be moved.
    auto report = [&](const std::vector<std::string> &names) {
        return [format, name = file.name, names](const csv::bad_record &bad) { throw describe(bad, format, name, names); };
    };
    std::vector<std::string> header = format.field_names;
    if (header.empty()) {
        reader_.on_bad = report({});
        if (!reader_.next())
            return; // an empty file has no columns
        for (const csv::field &f : reader_.fields())
            header.emplace_back(f.text);
        nameless_last_ = format.drop_nameless_last && header.size() > 1 && column_name(header.back()).empty();
        reader_.expect_fields(header.size(), nameless_last_);
    }
    fields_ = header.size();
    column_names given = name_columns(header, {"_baro_file", "_baro_line", "_baro_seq", "_baro_new", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"});
    names_ = given.names;
    for (const renamed_column &r : given.renamed)
        if (!(nameless_last_ && r.position == names_.size()))
            renamings_.push_back(format.what + ": column " + std::to_string(r.position) + " of file \"" + file_.name +
                                 "\" is called \"" + r.name + "\", because " + r.why);
    reader_.on_bad = report(format.field_names.empty() ? names_ : format.field_names);
}

void csv_input::look(std::uint64_t most, const std::function<void(const std::vector<csv::field> &)> &see) {
    bool is_bad = false;
    reader_.on_bad = [&](const csv::bad_record &) { is_bad = true; };
    while (most-- > 0 && reader_.next() && !is_bad)
        see(reader_.fields());
}

void csv_input::skip(const csv::prefix &before) {
    auto on_bad = std::move(reader_.on_bad);
    reader_ = csv::record_reader(descriptor_.get(), dialect_, before, fields_, nameless_last_);
    reader_.on_bad = std::move(on_bad);
}

void csv_input::check_unchanged() const {
    if (!(pg::state_of(descriptor_) == file_.state))
        throw changed_while_read(file_);
}

error changed_while_read(const pg::data_file &file) {
    return {sqlstate::bad_file, "file \"" + file.name + "\" changed while it was read", "",
            "Run again once the upload is complete; nothing of this run was kept."};
}

found_types::found_types(const std::vector<planned_column> &plan) : types(plan.size(), csv::found_type::none) {
    for (std::size_t i = 0; i < plan.size(); ++i)
        if (plan[i].type.empty())
            open.push_back(i);
}

bool found_types::see(const std::vector<csv::field> &fields, const std::vector<std::size_t> &sources) {
    bool wider = false;
    for (std::size_t i : open) {
        if (types[i] == csv::found_type::text) // the widest
            continue;
        const csv::field &f = fields[sources[i]];
        if (f.is_null)
            continue;
        const csv::found_type type = csv::widen(types[i], csv::type_of(f.text));
        wider |= type != types[i];
        types[i] = type;
    }
    return wider;
}

void found_types::apply(std::vector<planned_column> &plan) const {
    for (std::size_t i : open)
        plan[i].type = csv::sql_name(types[i]);
}

std::vector<std::size_t> sources_of(const std::vector<planned_column> &plan) {
    std::vector<std::size_t> out;
    for (const planned_column &c : plan)
        out.push_back(c.field);
    return out;
}

error describe(const pg::refused_value &refused, const csv_format &format, const std::string &file,
               const std::vector<planned_column> &plan) {
    const planned_column &column = plan[refused.column];
    const std::string where = located(format, file, static_cast<std::uint64_t>(refused.line));
    error e(sqlstate::bad_record, "");
    e.column_name = column.name;
    if (refused.reason.sqlstate == "23502") {
        e.message = where + ": key column \"" + column.name + "\" is empty";
        e.detail = "Every record of a stream with key_properties needs a key.";
        e.hint = "Correct the file, or choose other key_properties; nothing of this run was kept.";
        return e;
    }
    e.hint = "If such values are right, put this under \"columns:\" of the stream or seed in barometre.yml and run again:  "
             "- {name: " + column.name + ", type: text}";
    if (column.md5) {
        e.message = where + ", column \"" + column.name + "\": the hashed value is not of type " + column.type;
        return e;
    }
    std::string shown = refused.value;
    if (shown.size() > 100) {
        std::size_t cut = 100;
        while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0) == 0x80)
            --cut;
        shown = shown.substr(0, cut) + "...";
    }
    e.message = where + ", column \"" + column.name + "\": \"" + shown + "\" is not of type " + column.type;
    e.detail = "The server says: " + refused.reason.message + ".";
    return e;
}

void create_staging(const std::string &schema, const std::string &name, const std::vector<planned_column> &plan) {
    std::string columns;
    for (const planned_column &c : plan)
        columns += pg::quote_identifier(c.name) + " " + c.type + ", ";
    pg::script("CREATE UNLOGGED TABLE " + pg::qualified(schema, name) + " (" + columns +
               "_baro_file integer, _baro_line bigint, _baro_seq bigint) USING heap");
}

} // namespace barometre::load
