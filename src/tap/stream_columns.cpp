// The columns of a stream's table: found in the files, fitted to the table that is there.
#include "core/csv/look.h"
#include "tap/stream_load.h"

#include <algorithm>

namespace barometre::tap {

using load::planned_column;

namespace {

/// Types are found on so many records of each file of a first load.
constexpr std::uint64_t first_records = 2000;

} // namespace

// Reads the headers, and the types of the first records where they are to be found.
void stream_load::find_columns() {
    std::set<std::string> told;
    std::vector<std::string> names; // of the file before
    std::vector<planned_column> given;
    if (table_exists_) {
        plan_ = columns_of_table(stream_, table_);
        open_table_columns();
    }
    std::vector<std::vector<planned_column>> by_job;
    bool first = !table_exists_;
    for (file_plan *f : parse_) {
        pg::check_interrupts();
        load::csv_format format = load::settle(format_, f->file);
        if (stream_.dialect.delimiter.empty() && told.insert(format.dialect.delimiter).second)
            tell(format_.what + ": the delimiter of file \"" + f->file.name + "\" is " + csv::shown_delimiter(format.dialect.delimiter) +
                       ", as its first records say");
        load::csv_input input(f->file, format);
        for (const std::string &sentence : input.renamings())
            if (told.insert(sentence.substr(sentence.find(" is called "))).second)
                tell(sentence);
        jobs_.push_back({f->file, format, f->id, input.names().size(), {}, f->prefix});
        if (input.names().empty()) { // an empty file
            by_job.emplace_back();
            continue;
        }
        if (input.names() != names) {
            given = plan_columns(stream_, input.names(), f->file.name);
            const std::size_t before = plan_.size();
            if (first && given.size() <= most_columns)
                plan_ = given; // the first file makes the table
            else
                fit_columns(stream_, f->file.name, given, plan_, changes_);
            open_new_columns(before);
            first = false;
            names = input.names();
        }
        by_job.push_back(given);
        const auto sources = sources_for(plan_, given);
        if (looks_ > 0)
            input.look(first_records, [&](const auto &fields) { found_.see(fields, sources); });
    }
    for (std::size_t i = 0; i < jobs_.size(); ++i)
        jobs_[i].sources = sources_for(plan_, by_job[i]);
    for (planned_column &c : plan_) // of a table that is there: as declared
        for (const project::column &declared : stream_.columns)
            if (declared.name == c.name) {
                c.formats = declared.formats;
                c.decimal = decimal_of(stream_, declared);
            }
}

// How wide the types of a table's columns may become, where they were found and not declared.
void stream_load::open_table_columns() {
    for (std::size_t i = 0; i < plan_.size(); ++i) {
        const planned_column &c = plan_[i];
        const bool declared = std::any_of(stream_.columns.begin(), stream_.columns.end(),
                                          [&](const project::column &d) { return d.name == c.name && !d.type.empty(); });
        const auto type = c.type == "bigint" ? csv::found_type::bigint : csv::found_type::numeric;
        const auto widest = stream_.types_contract == project::type_contract::evolve   ? csv::found_type::text
                            : stream_.types_contract == project::type_contract::freeze ? type
                                                                                       : csv::found_type::numeric;
        if (!declared && (c.type == "bigint" || c.type == "numeric"))
            found_.add(i, type, widest);
    }
}

// The types of the columns from the given one on are to be found, unless they are declared.
void stream_load::open_new_columns(std::size_t from) {
    for (std::size_t i = from; i < plan_.size(); ++i)
        if (plan_[i].type.empty()) {
            found_.add(i);
            ++looks_;
        }
}

// The table gets the columns and the types that the files need.
void stream_load::alter_table() {
    std::string actions;
    auto act = [&](const std::string &sql, const std::string &what) {
        actions += (actions.empty() ? "" : ", ") + sql;
        changes_.push_back(what);
    };
    const std::size_t there = table_columns_count();
    std::size_t i = 0;
    for (const pg::table_column &c : table_) {
        if (i >= there || plan_[i].name != c.name)
            continue;
        if (plan_[i].type != c.type)
            act("ALTER COLUMN " + pg::quote_identifier(c.name) + " TYPE " + plan_[i].type,
                "column \"" + c.name + "\" was " + c.type + " and is now " + plan_[i].type);
        ++i;
    }
    for (i = there; i < plan_.size(); ++i)
        act("ADD COLUMN " + pg::quote_identifier(plan_[i].name) + " " + plan_[i].type, "column \"" + plan_[i].name + "\" is new, of type " + plan_[i].type);
    if (actions.empty())
        return;
    try {
        change_table("ALTER TABLE " + target_ + " " + actions);
    } catch (const error &e) {
        if (e.sqlstate != "0A000")
            throw;
        throw error(sqlstate::contract, format_.what + ": " + changes_.back() + ", but another object depends on the column",
                    "The server says: " + (e.detail.empty() ? e.message : e.detail) + ".", "Drop that object, run again, and make it anew; or put  contract: {types: freeze}  into the "
                                  "stream in barometre.yml, so that such values are rejected.");
    }
}

void stream_load::change_table(const std::string &sql) {
    pg::script(sql);
    ddl_.push_back(sql);
}

void stream_load::create_table() {
    std::string columns;
    for (const planned_column &c : plan_)
        columns += pg::quote_identifier(c.name) + " " + c.type + (c.required ? " NOT NULL, " : ", ");
    change_table("CREATE TABLE " + target_ + " (" + columns + "_baro_file integer, _baro_line bigint) USING heap");
    if (!stream_.description.empty())
        pg::script("COMMENT ON TABLE " + target_ + " IS " + pg::quote_literal(stream_.description));
    for (const project::column &c : stream_.columns)
        if (!c.description.empty())
            pg::script("COMMENT ON COLUMN " + target_ + "." + pg::quote_identifier(c.name) + " IS " + pg::quote_literal(c.description));
}

std::size_t stream_load::table_columns_count() const {
    return table_exists_ ? table_.size() - static_cast<std::size_t>(std::count_if(table_.begin(), table_.end(), [](const auto &c) { return c.name == "_baro_file" || c.name == "_baro_line"; })) : 0;
}

// Rows lie in the order of their files, so that a tiny index finds those of one file.
void stream_load::index_files() {
    change_table("CREATE INDEX ON " + target_ + " USING brin (_baro_file) WITH (autosummarize = on)");
}

// After the rows, because an index is made faster than it grows.
void stream_load::index_table() {
    step_.inserted = staged_;
    if (stream_.key_properties.empty()) {
        if (parse_.size() > 1)
            index_files();
        return;
    }
    const std::string keys = pg::column_list(stream_.key_properties);
    const std::string add_key_sql = "ALTER TABLE " + target_ + " ADD PRIMARY KEY (" + keys + ")";
    auto add_key = [&] { pg::script(add_key_sql); };
    ddl_.push_back(add_key_sql);
    try {
        pg::in_subtransaction(add_key);
    } catch (const error &e) {
        if (e.sqlstate != "23505")
            throw;
        // A key more than once: the last record is the one that counts, and lies last.
        step_.superseded = load::delete_superseded(target_, stream_.key_properties, "ctid");
        step_.inserted -= step_.superseded;
        add_key();
    }
}

} // namespace barometre::tap
