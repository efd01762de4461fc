#include "tap/shape.h"
#include "core/csv/kept_buffer.h"
#include "core/interrupts.h"
#include "core/text/text.h"
#include "load/record_input.h"
#include "pg/spi.h"
#include "tap/adopt.h"
#include "tap/check_table.h"
#include "tap/columns.h"
#include "tap/field_names.h"
#include "tap/skipping.h"
#include "tap/stream.h"
#include "tap/table.h"
#include "tap/unfit_files.h"

#include <map>
#include <memory>
#include <set>
#include <string_view>

namespace barometre::tap {

/// What is told of the files as they are opened: each thing once.
class opening {
public:
    opening(const project::stream &stream, const purpose &why) : stream_(stream), why_(why) {}

    void tell_found(const load::input_file &input) {
        const std::string found = input.format->found(input.file);
        if (!found.empty() && told_.insert(input.format->delimiter()).second)
            why_.tell(shown(stream_) + ": " + found);
    }
    /// Of a list, which one was taken.
    void tell_encoding(const load::input_file &input) {
        const std::string &taken = input.format->coding().encoding;
        if (stream_.encodings.size() > 1 && told_.insert("encoding " + taken).second)
            why_.tell(shown(stream_) + ": the encoding of file \"" + input.file.name + "\" is " + taken +
                      (taken == stream_.encodings.back() ? ", the last of the list, since it is in none of the others"
                                                         : ", the first of the list in which all of it is valid"));
    }
    void tell_renamings(const load::input_file &input, const name::named_header &named) {
        for (const std::string &sentence : load::renamings(*input.format, input.file, named))
            if (told_.insert(sentence.substr(sentence.find(" is called "))).second)
                why_.tell(sentence);
    }

private:
    const project::stream &stream_;
    const purpose &why_;
    std::set<std::string> told_;
};

namespace {

using load::planned_column;

/// A column of whose type nothing is known but its values.
void open_unknown(const project::stream &stream, std::size_t column, load::found_types &open) {
    open.add(column);
    if (stream.prefer_number_vs_integer)
        open.prefer_numeric(column);
}

/// How wide the types of a table's columns may become, where they were found and not declared.
void open_table_columns(const project::stream &stream, std::size_t first, shape &out) {
    const bool says_types = format_of(stream)->says_types();
    std::set<std::string_view> typed;
    for (const project::column &d : stream.columns)
        if (!d.type.empty())
            typed.insert(d.name);
    const std::set<std::string_view> unsettled(out.unsettled.begin(), out.unsettled.end());
    for (std::size_t i = first; i < out.columns.size(); ++i) {
        const planned_column &c = out.columns[i];
        const bool declared = typed.count(c.name) > 0;
        if (!declared && c.type == "text" && unsettled.count(c.name)) {
            if (!stream.prefer_schema_as_string)
                open_unknown(stream, i, out.open);
            continue;
        }
        using enum record::found_type;
        const auto type = record::found_type_of(c.type);
        const bool is_number = type == bigint || type == numeric;
        if (declared || !(is_number || (type == boolean && says_types)))
            continue;
        const bool widens = is_number && stream.types_contract != project::type_contract::freeze;
        out.open.add(i, type, stream.types_contract == project::type_contract::evolve ? text : widens ? numeric : type);
    }
}

/// What files declare of their fields says how values are read.
void open_as_declared(shape &out) {
    for (const load::input_file &f : out.files)
        for (std::size_t i = 0; i < f.sources.size() && !f.declared.empty(); ++i)
            if (f.sources[i] < f.declared.size())
                out.open.declare(i, f.declared[f.sources[i]] == "bigint");
}

/// Columns without time zone of fields that have one.
void read_zones_as_utc(shape &out) {
    for (std::size_t i = 0; i < out.columns.size(); ++i) {
        planned_column &c = out.columns[i];
        const bool is_moment = c.type.starts_with("timestamp") && c.type.ends_with("without time zone");
        if (!c.formats.empty() || !(is_moment || c.type == "date" || c.type.starts_with("time without")))
            continue;
        c.utc = std::any_of(out.files.begin(), out.files.end(), [&](const load::input_file &f) {
            return f.sources[i] < f.declared.size() &&
                   (!is_moment || f.declared[f.sources[i]] == "timestamp with time zone");
        });
    }
}

bool is_declared(const project::stream &stream, const std::string &column) {
    return std::any_of(stream.columns.begin(), stream.columns.end(),
                       [&](const project::column &c) { return c.name == column && !c.type.empty(); });
}

/// A type that files declare for a new column: its values may show that it is too narrow, or that they are of another.
void open_declared(const project::stream &stream, std::size_t column, record::found_type type,
                   load::found_types &open) {
    using enum record::found_type;
    if (type == bigint || type == numeric || type == boolean)
        open.add(column, type,
                 stream.types_contract == project::type_contract::evolve ? text
                 : type == boolean                                       ? boolean
                                                                         : numeric);
}

/// Takes columns of the table out of the plan whose values no load gives: generated ones, and others that are the
/// server's or another program's, until a file has them.
std::vector<pg::table_column> take_aside(const project::stream &stream, const field_names &fields, shape &out) {
    std::vector<pg::table_column> aside;
    std::set<std::string_view> taken;
    for (const pg::table_column &c : out.table) {
        if (is_lineage(c.name) || (c.made == 0 && !fields.is_of_others(c.name)))
            continue;
        const bool is_key = text::contains(stream.key_properties, c.name);
        if (is_key && (c.made == 's' || c.made == 'a'))
            throw error(sqlstate::contract,
                        shown(stream) + ": the server gives the values of its key column \"" + c.name +
                            "\", and the files have others",
                        "",
                        "ALTER TABLE " + table_of(stream) + " ALTER COLUMN " + pg::quote_identifier(c.name) +
                            (c.made == 'a' ? " SET GENERATED BY DEFAULT;" : " DROP EXPRESSION;"));
        if (is_key || (c.made == 'd' && fields.is_of_files(c.name)))
            continue;
        taken.insert(c.name);
        aside.push_back(c);
    }
    std::erase_if(out.columns, [&](const planned_column &p) { return taken.count(p.name) > 0; });
    return aside;
}

/// A file has none of the columns that the others have.
struct no_kin : error {
    using error::error;
};

/// That a later file has one of the columns at least: else it is delimited otherwise, lacks its header, whose place its
/// first record would take, or is another table's.
void check_kinship(const project::stream &stream, const load::input_file &input, const std::vector<std::string> &names,
                   const field_map &map, const std::vector<std::string> &columns) {
    const load::places known(columns);
    for (const std::string &name : names)
        for (const project::mapping &m : map.targets_of(name))
            if (known.contains(m.target))
                return;
    const std::string seems = input.format->seems(input.file);
    const std::string what = shown(stream) + ": file \"" + input.file.name + "\" has none of the columns of the table";
    const std::string kept = "; nothing of this run was kept.";
    if (!seems.empty())
        throw no_kin(sqlstate::contract, what + ": it seems to be " + seems, "",
                     "Write it as the other files, or correct " + input.format->advice() + kept);
    // Without a header they are values.
    throw no_kin(sqlstate::contract, what,
                 input.format->hides_values
                     ? ""
                     : (input.format->lists_fields() ? "Its first record says " : "Its records have ") +
                           shown_names(names) + "; the columns are " + shown_names(columns) + ".",
                 std::string(input.format->lists_fields() ? "If it lacks its header line, add it; if" : "If") +
                     " it is another table's, correct the key \"pattern\" of the stream" + kept);
}

/// Opens the file of that number. When it can't be read, the error names those after it that can't be either, if all
/// are needed.
std::unique_ptr<load::record_input> open_file(const project::stream &stream, const purpose &why,
                                              const std::vector<const file_plan *> &plans, std::size_t number,
                                              const load::file_format &format, opening &told, load::input_file &input) {
    try {
        input.file = pg::open_file(input.file);
        input.format = format.settle(input.file);
        told.tell_encoding(input);
        told.tell_found(input);
        auto reading = input.format->open(input);
        input.file = pg::keep_open(input.file); // until its records are merged, for what the table refuses of them
        return reading;
    } catch (const error &e) {
        if (why.skips)
            throw;
        unfit_files unfit;
        unfit.add(stream, input.file, e);
        unfit.look_at(stream, plans, number + 1);
        throw unfit;
    }
}

/// Files that do not fit, of a load that goes without them.
class bad_headers {
public:
    /// `makes_table`: the first file says what columns there are.
    explicit bad_headers(bool makes_table) : makes_table_(makes_table) {}

    void passes(const std::string &file, bool has_header) {
        if (has_header)
            kin_.push_back(file);
    }
    void fails(const std::string &file, const error &e, bool is_stranger) {
        note_bad_file(is_stranger ? strangers_ : bad_, file, e);
    }
    /// Throws them. Of files that make a table together, those are strangers that are fewer.
    void judge(const project::stream &stream) {
        if (makes_table_ && !strangers_.empty() && strangers_.size() >= kin_.size()) {
            if (strangers_.size() == kin_.size())
                throw strangers_.front().why;
            for (const std::string &file : kin_)
                bad_.push_back(
                    {file, error(sqlstate::contract,
                                 shown(stream) + ": file \"" + file +
                                     "\" has none of the columns that most of the files have",
                                 "", "If it is another table's, correct the key \"pattern\" of the stream.")});
        } else {
            bad_.insert(bad_.end(), strangers_.begin(), strangers_.end());
        }
        if (!bad_.empty())
            throw bad_files(bad_);
    }

private:
    const bool makes_table_;
    std::vector<std::string> kin_;
    std::vector<load::bad_file> strangers_, bad_;
};

} // namespace

shaping::shaping(const project::stream &stream, const purpose &why, const discovered &found)
    : stream_(stream), why_(why), found_(found), plans_(found.to_parse()), table_(found.table),
      told_(std::make_unique<opening>(stream, why)) {
    if (plans_.empty() || !found.table_exists || why.only_shows())
        return;
    if (const std::string change = adopt_table(stream, table_); !change.empty())
        changes_.push_back(change);
    widen_columns(stream, table_);
    check_key(stream);
    check_hashed_types(stream, table_);
    if (!why.full_refresh && !found.rereads) // else they are replaced
        check_hashed(stream, table_, found.known.hashed);
}

shaping::~shaping() = default;

shape shaping::settle(const std::vector<load::file_content> &seen) {
    const project::stream &stream = stream_;
    const purpose &why = why_;
    const discovered &found = found_;
    shape out;
    out.table = table_;
    out.changes = changes_;
    field_names fields(stream, out.table, found.is_adopted);
    fields.learn(found);
    if (plans_.empty()) {
        if (!found.is_adopted)
            out.fields = fields.to_remember(names_of(columns_of_table(stream, out.table)));
        return out;
    }
    std::vector<pg::table_column> aside;
    bool look = false; // at values, to find types
    if (found.table_exists) {
        out.columns = columns_of_table(stream, out.table);
        aside = take_aside(stream, fields, out);
        out.unsettled = fields.unsettled();
        open_table_columns(stream, 0, out);
        look = !out.unsettled.empty();
    }
    std::vector<std::string> header, names; // of the file before
    const field_map map(stream);
    std::shared_ptr<const std::vector<planned_column>> given; // by that header
    std::vector<decltype(given)> by_file;                     // none: an empty file
    std::set<std::string> changes;
    const auto change = [&](const std::string &what) {
        if (changes.insert(what).second)
            out.changes.push_back(what);
    };
    bool first = !found.table_exists;
    bool is_alone = first || found.rereads || why.full_refresh; // no rows stay beside those of the files
    if (is_alone)
        fields.forget_nameless();
    const auto fit_file = [&](std::size_t number) {
        const file_plan *f = plans_[number];
        load::input_file input{f->file, {}, f->id};
        input.prefix = f->prefix;
        input.most = why.most_records;
        if (!seen.empty()) {
            input.header = seen[number].header;
            input.types = seen[number].types;
            input.has_whole_header = true;
        }
        const std::unique_ptr<load::record_input> reading =
            open_file(stream, why, plans_, number, *found.format, *told_, input);
        input.header = reading->header();
        input.has_whole_header = reading->has_whole_header();
        input.declared = reading->declared_types();
        if (input.header.empty()) { // an empty file
            out.files.push_back(std::move(input));
            by_file.emplace_back();
            return;
        }
        if (input.header != header) {
            // Before anything is made of them; a table that is there already is as wide as it is.
            if (const std::size_t width = map.columns_of(input.header.size());
                first || (stream.columns_contract == project::column_contract::evolve && width > out.columns.size()))
                check_width(stream, f->file.name, width);
            const name::named_header named = fields.name_file(f->file.name, input.header);
            names = named.names;
            std::vector<std::string> have = names_of(out.columns);
            for (const pg::table_column &c : aside)
                have.push_back(c.name);
            if (!is_alone)
                check_kinship(stream, input, names, map, have);
            is_alone = false;
            given = std::make_shared<std::vector<planned_column>>(plan_columns(stream, names, input));
            told_->tell_renamings(input, named); // not before: what the map misses may be the first record
            const std::size_t before = out.columns.size();
            if (first)
                out.columns = *given; // the first file makes the table
            else
                fit_columns(stream, input, *given, aside, out.columns, change);
            if (found.table_exists)
                open_table_columns(stream, before, out);
            for (std::size_t i = before; i < out.columns.size(); ++i)
                if (out.columns[i].type.empty()) {
                    open_unknown(stream, i, out.open);
                    look = true;
                } else if (const auto type = record::found_type_of(out.columns[i].type);
                           !found.table_exists && !input.declared.empty() &&
                           !is_declared(stream, out.columns[i].name)) {
                    open_declared(stream, i, type, out.open);
                }
            first = false;
            header = input.header;
        }
        input.names = names;
        out.files.push_back(std::move(input));
        by_file.push_back(given);
        if (look)
            reading->look(
                [&, sources = sources_for(out.columns, *given)](const auto &values) { out.open.see(values, sources); });
    };
    bad_headers bad(!found.table_exists);
    const csv::kept_buffer buffer; // from file to file
    for (std::size_t number = 0; number < plans_.size(); ++number) {
        check_interrupts();
        try {
            fit_file(number);
            bad.passes(plans_[number]->file.name, !out.files.back().header.empty());
        } catch (const error &e) {
            if (!why.skips)
                throw;
            bad.fails(plans_[number]->file.name, e, dynamic_cast<const no_kin *>(&e));
        }
    }
    bad.judge(stream);
    for (std::size_t i = 0; i < out.files.size(); ++i)
        if (i > 0 && by_file[i] == by_file[i - 1])
            out.files[i].sources = out.files[i - 1].sources;
        else if (by_file[i])
            out.files[i].sources = sources_for(out.columns, *by_file[i]);
        else
            out.files[i].sources = sources_for(out.columns, {});
    std::map<std::string_view, const project::column *> declared;
    for (const project::column &c : stream.columns)
        declared.emplace(c.name, &c);
    for (planned_column &c : out.columns) // of a table that is there: as declared
        if (const auto as = declared.find(c.name); as != declared.end()) {
            c.formats = as->second->formats;
            c.decimal = decimal_of(stream, *as->second);
        }
    open_as_declared(out);
    out.open.apply(out.columns);
    read_zones_as_utc(out);
    out.fields = fields.to_remember(names_of(out.columns));
    return out;
}

} // namespace barometre::tap
