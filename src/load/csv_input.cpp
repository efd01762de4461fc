#include "load/csv_input.h"
#include "core/csv/type_finder.h"
#include "core/name/column_name.h"
#include "pg/relations.h"

namespace barometre::load {

namespace {

/// How often a long read looks for interrupts, in records.
constexpr std::uint64_t interrupt_every = 1024;

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
    : file_(file), descriptor_(pg::open_file(file)), reader_(descriptor_.get(), format.dialect, format.field_names.size()) {
    // By value: the reader may be moved with this object.
    reader_.on_bad = [format, name = file.name, header = format.field_names](const csv::bad_record &bad) {
        throw describe(bad, format, name, header);
    };
    std::vector<std::string> header = format.field_names;
    if (header.empty()) {
        if (!reader_.next())
            return; // an empty file has no columns
        for (const csv::field &f : reader_.fields())
            header.emplace_back(f.text);
        nameless_last_ = format.drop_nameless_last && header.size() > 1 && column_name(header.back()).empty();
        reader_.expect_fields(header.size(), nameless_last_);
    }
    column_names given = name_columns(header, {"_baro_file", "_baro_line", "_baro_seq", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"});
    names_ = given.names;
    for (const renamed_column &r : given.renamed)
        if (!(nameless_last_ && r.position == names_.size()))
            renamings_.push_back(format.what + ": column " + std::to_string(r.position) + " of file \"" + file_.name +
                                 "\" is called \"" + r.name + "\", because " + r.why);
    if (format.field_names.empty())
        reader_.on_bad = [format, name = file.name, names = names_](const csv::bad_record &bad) {
            throw describe(bad, format, name, names);
        };
}

void csv_input::check_unchanged() const {
    if (!(pg::state_of(descriptor_) == file_.state))
        throw error(sqlstate::bad_file, "file \"" + file_.name + "\" changed while it was read", "",
                    "Run again once the upload is complete; nothing of this run was kept.");
}

void find_types(csv_input &input, const std::vector<planned_column> &plan, found_types &found) {
    using csv::found_type;
    found.types.resize(plan.size(), static_cast<int>(found_type::none));
    std::vector<std::size_t> open; // columns whose type can still widen
    for (std::size_t i = 0; i < plan.size(); ++i)
        if (plan[i].type.empty())
            open.push_back(i);
    while (input.next()) {
        const auto &fields = input.reader().fields();
        for (std::size_t i : open) {
            const csv::field &f = fields[plan[i].field];
            if (!f.is_null)
                found.types[i] = static_cast<int>(
                    csv::widen(static_cast<found_type>(found.types[i]), csv::type_of(f.text)));
        }
        if (input.nameless_last() && !fields.back().is_null && !fields.back().text.empty())
            found.used_last = true;
        if (input.reader().records() % interrupt_every == 0)
            pg::check_interrupts();
    }
    found.hash = input.reader().hash();
    input.check_unchanged();
}

file_load load_file(csv_input &input, const csv_format &format, const std::vector<planned_column> &plan,
                    std::int64_t file_id, pg::bulk_insert &into) {
    file_load done;
    try {
        while (input.next()) {
            const auto &fields = input.reader().fields();
            for (const planned_column &column : plan) {
                const csv::field &f = fields[column.field];
                if (f.is_null)
                    into.add_null();
                else
                    into.add(f.text);
            }
            into.end_row(file_id, static_cast<std::int64_t>(input.reader().line()));
            ++done.records;
            if (input.reader().records() % interrupt_every == 0)
                pg::check_interrupts();
        }
        into.finish();
    } catch (const pg::refused_value &refused) {
        throw describe(refused, format, input.file().name, plan);
    }
    input.check_unchanged();
    done.bytes = static_cast<std::int64_t>(input.reader().bytes());
    done.hash = input.reader().hash();
    return done;
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
