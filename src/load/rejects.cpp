#include "load/rejects.h"
#include "core/json/writer.h"
#include "core/text/text.h"
#include "pg/append_rows.h"
#include "pg/identity.h"
#include "pg/spi.h"

#include <algorithm>

namespace barometre::load {

namespace {

/// So many are shown after a load that is refused, and written at a time by one that is not.
constexpr std::size_t most_shown = 1000;

/// So many causes are told apart.
constexpr std::size_t most_causes = 100;

/// A reason without what is another one in each record: the value, and the figures of what the server says.
std::string cause_of(const pg::reject &r) {
    std::string reason = r.reason;
    if (const std::size_t at = reason.rfind("\" is not of type "); reason.starts_with('"') && at != std::string::npos)
        reason.erase(0, at + 1);
    if (reason.starts_with("the table refuses it: "))
        std::replace_if(
            reason.begin(), reason.end(), [](char c) { return '0' <= c && c <= '9'; }, '0');
    return r.sqlstate + '\n' + r.column_name + '\n' + (r.in_key ? "key" : "") + '\n' + reason;
}

/// Within its lines.
std::string at(const pg::reject &r) { return r.path.empty() ? "" : ", at " + r.path; }

/// The reason as it is kept, where there is no place for the path.
std::string with_path(const pg::reject &r) { return r.path.empty() ? r.reason : "at " + r.path + ": " + r.reason; }

/// As SQL reads it.
std::string bytea(const std::string &bytes) { return "\\x" + text::hex(bytes); }

} // namespace

reject_log::reject_log(std::shared_ptr<const file_format> format, const std::string &tap, const std::string &stream,
                       const project::limit &limit, std::int64_t run)
    : format_(std::move(format)), tap_(tap), stream_(stream), limit_(limit), run_(run) {}

void reject_log::add(pg::reject rejected) {
    ++count_;
    if (format_->hides_values)
        rejected.raw.reset();
    entry e{names_[rejected.file], std::move(rejected)};
    of_file &of = of_files_[e.file];
    ++of.count;
    if (!of.first)
        of.first = e;
    if (first_.size() < most_shown)
        first_.push_back(e);
    if (run_ == 0) {
        group(e);
        return;
    }
    waiting_.push_back(std::move(e));
    if (waiting_.size() >= most_shown && (limit_.percent >= 0 || count_ <= limit_.count))
        store();
}

void reject_log::group(const entry &e) {
    const std::string key = cause_of(e.rejected);
    auto known = known_causes_.find(key);
    if (known == known_causes_.end()) {
        if (causes_.size() == most_causes) {
            ++others_;
            return;
        }
        known = known_causes_.emplace(key, causes_.size()).first;
        causes_.push_back({e, 0, {}});
    }
    cause &of = causes_[known->second];
    if (++of.count <= 3)
        of.places.push_back(e.file + ":" + std::to_string(e.rejected.line) +
                            (e.rejected.path.empty() ? "" : " " + e.rejected.path));
}

bool reject_log::is_full(std::int64_t most_records) const {
    if (count_ < patience_)
        return false;
    return !limit_.allows(count_, most_records);
}

void reject_log::forget() {
    count_ = 0;
    of_files_.clear();
    first_.clear();
    waiting_.clear();
    causes_.clear();
    known_causes_.clear();
    others_ = 0;
    if (run_ != 0)
        pg::as_extension([&] {
            pg::sql("DELETE FROM barometre.reject WHERE run = $1::bigint AND tap = $2 AND stream = $3",
                    {std::to_string(run_), tap_, stream_});
        });
}

void reject_log::withdraw_content(std::int64_t file, const std::vector<std::int64_t> &lines, bool is_stored) {
    const auto withdraw = [&](entry &e) {
        if (pg::reject &r = e.rejected; r.file == file && std::binary_search(lines.begin(), lines.end(), r.line)) {
            r.last_line = r.line;
            r.offset.reset();
            r.path.clear();
            r.raw.reset();
        }
    };
    for (auto *list : {&first_, &waiting_})
        std::for_each(list->begin(), list->end(), withdraw);
    if (const auto of = of_files_.find(names_[file]); of != of_files_.end() && of->second.first)
        withdraw(*of->second.first);
    if (!is_stored || run_ == 0 || lines.empty())
        return;
    std::vector<std::string> numbers;
    for (const std::int64_t line : lines)
        numbers.push_back(std::to_string(line));
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.reject AS r SET last_line = r.line, byte_offset = NULL, raw = NULL FROM "
                "unnest($5::bigint[]) AS x (line) WHERE r.run = $1::bigint AND r.tap = $2 AND r.stream = $3 AND "
                "r.file = $4 AND r.line = x.line",
                {std::to_string(run_), tap_, stream_, names_[file], pg::array_literal(numbers)});
    });
}

std::string reject_log::sentence(const entry &e) const {
    const std::string column =
        e.rejected.column_name.empty() || e.rejected.in_key ? "" : ", column \"" + e.rejected.column_name + "\"";
    return "file \"" + e.file + "\", line " + std::to_string(e.rejected.line) + at(e.rejected) + column + ": " +
           e.rejected.reason;
}

void reject_log::judge(std::int64_t records, const project::limit &limit) const {
    // A load that was not read to its end must never go on.
    const bool too_many = stopped_ || !limit.allows(count_, records);
    if (count_ == 0 || (!too_many && (is_part_ || count_ < records)))
        return;
    const std::string kept = run_ == 0 ? "nothing of this run was kept."
                                       : "nothing of this run was kept but the list of what is wrong:  "
                                         "SELECT * FROM barometre.reject WHERE run = " +
                                             std::to_string(run_) + ";";
    error e(sqlstate::bad_record, "");
    e.column_name = first_[0].rejected.column_name;
    if (count_ == 1 && too_many) {
        e.message = format_->what + ": " + sentence(first_[0]);
    } else {
        e.message = format_->what + ": " +
                    (stopped_            ? "at least "
                     : count_ == records ? "all "
                                         : "") +
                    std::to_string(count_) + (stopped_ || count_ == records ? "" : " of " + std::to_string(records)) +
                    " records can't be loaded" + (too_many ? ", and max_rejects is " + limit.text() : "") +
                    ": the first is in file \"" + first_[0].file + "\", line " +
                    std::to_string(first_[0].rejected.line);
        const std::size_t shown = std::min<std::size_t>(3, first_.size());
        for (std::size_t i = 0; i < shown; ++i)
            e.detail += (i ? "\n" : "") + sentence(first_[i]);
        if (count_ > static_cast<std::int64_t>(shown))
            e.detail += "\n...";
    }
    const pg::reject &r = first_[0].rejected;
    if (r.sqlstate == "22021")
        e.hint = format_->encoding_hint() + kept;
    else if (!r.hint.empty())
        e.hint = r.hint + "; " + kept;
    else if (r.column >= 0 && !r.in_key &&
             (r.reason.ends_with("type date") || r.reason.find("of type timestamp") != std::string::npos))
        e.hint =
            "If they are written another way, say how under \"columns:\" in barometre.yml, for example  - {name: " +
            r.column_name + ", type: date, format: DD/MM/YYYY}; " + kept;
    else if (r.column >= 0 && !r.in_key)
        e.hint = "If such values are right, put this under \"columns:\" of the stream or seed in barometre.yml and run "
                 "again:  - {name: " +
                 r.column_name + ", type: text}; " + kept;
    else if (r.in_key)
        e.hint = "Correct the file, or choose other key_properties; " + kept;
    else
        e.hint = format_->record_hint() + kept;
    throw too_many_rejects(e);
}

error reject_log::error_of(const of_file &f) const {
    const entry &first = *f.first;
    error why(sqlstate::bad_record, format_->what + ": ");
    if (f.count == 1) {
        why.message += sentence(first);
    } else {
        const std::string count = std::to_string(f.count);
        why.message += (f.records < 0          ? "at least " + count
                        : f.records == f.count ? "all " + count
                                               : count + " of " + std::to_string(f.records)) +
                       " records of file \"" + first.file + "\" can't be loaded: the first is in line " +
                       std::to_string(first.rejected.line);
        why.detail = sentence(first);
    }
    if (run_ != 0)
        why.hint = "SELECT line, column_name, reason FROM barometre.reject WHERE run = " + std::to_string(run_) +
                   " AND file = " + pg::quote_literal(first.file) + ";";
    return why;
}

std::vector<bad_file> reject_log::worst_files() const {
    const auto records_of = [](const of_file &f) { return f.records < 0 ? f.count : f.records; };
    // What a file has beyond its share of the limit: without the greatest of these the rest is soonest within it.
    const auto excess = [&](const of_file &f) {
        return static_cast<double>(f.count) - std::max(0.0, limit_.percent) / 100 * static_cast<double>(records_of(f));
    };
    std::vector<const of_file *> files;
    std::int64_t rejects = 0, records = 0;
    for (const auto &[name, f] : of_files_) {
        rejects += f.count;
        records += records_of(f);
        if (f.count > 0)
            files.push_back(&f);
    }
    std::stable_sort(files.begin(), files.end(),
                     [&](const of_file *a, const of_file *b) { return excess(*a) > excess(*b); });
    std::vector<bad_file> out;
    for (const of_file *f : files) {
        if (!out.empty() && limit_.allows(rejects, records) && (is_part_ || rejects == 0 || rejects < records))
            break;
        rejects -= f->count;
        records -= records_of(*f);
        out.push_back({f->first->file, error_of(*f)});
    }
    return out;
}

std::string reject_log::first_as_json() const {
    json::array out;
    for (const entry &e : first_)
        out.raw(as_json(e));
    return out.text();
}

std::string reject_log::first_as_json(const std::vector<bad_file> &files) const {
    std::map<std::string, std::vector<const entry *>> of;
    for (const bad_file &f : files)
        of[f.name];
    for (const entry &e : first_)
        if (const auto at = of.find(e.file); at != of.end())
            at->second.push_back(&e);
    json::array out;
    for (const auto &[name, entries] : of) {
        if (entries.empty())
            out.raw(as_json(*of_files_.at(name).first));
        for (const entry *e : entries)
            out.raw(as_json(*e));
    }
    return out.text();
}

std::string reject_log::as_json(const entry &e) const {
    const pg::reject &r = e.rejected;
    json::object one;
    one.add("tap", tap_).add("stream", stream_).add("file", e.file).add("line", r.line).add("last_line", r.last_line);
    one.add("sqlstate", r.sqlstate).add("reason", with_path(r));
    if (r.offset)
        one.add("byte_offset", *r.offset);
    one.add_some("column_name", r.column_name);
    if (r.raw)
        one.add("raw", bytea(*r.raw));
    return one.text();
}

void reject_log::store() {
    if (waiting_.empty())
        return;
    if (!store_directly())
        store_by_sql();
    waiting_.clear();
}

bool reject_log::store_directly() const {
    std::vector<std::string> reasons; // those that are not as they come
    reasons.reserve(waiting_.size());
    std::vector<pg::appended_value> values;
    values.reserve(waiting_.size() * 11);
    const auto add = [&](auto value) { values.emplace_back(value); };
    const auto add_text = [&](std::string_view text) { values.emplace_back(text); };
    for (const entry &e : waiting_) {
        const pg::reject &r = e.rejected;
        add(run_);
        add_text(tap_);
        add_text(stream_);
        add_text(e.file);
        add(r.line);
        add(r.last_line);
        r.offset ? add(static_cast<std::int64_t>(*r.offset)) : add(std::monostate());
        r.column_name.empty() ? add(std::monostate()) : add_text(r.column_name);
        add_text(r.sqlstate);
        add_text(r.path.empty() ? r.reason : reasons.emplace_back(with_path(r)));
        r.raw ? add(pg::bytes_value{*r.raw}) : add(std::monostate());
    }
    static const std::vector<std::string> columns{
        "run", "tap", "stream", "file", "line", "last_line", "byte_offset", "column_name", "sqlstate", "reason", "raw"};
    return pg::as_extension([&] { return pg::append_directly("barometre", "reject", columns, values); });
}

void reject_log::store_by_sql() const {
    // As arrays: a third of the time that one JSON text takes.
    std::vector<std::string> file, line, last_line, offset, column, state, reason, raw;
    for (const entry &e : waiting_) {
        const pg::reject &r = e.rejected;
        file.push_back(e.file);
        line.push_back(std::to_string(r.line));
        last_line.push_back(std::to_string(r.last_line));
        offset.push_back(r.offset ? std::to_string(*r.offset) : "");
        column.push_back(r.column_name);
        state.push_back(r.sqlstate);
        reason.push_back(with_path(r));
        raw.push_back(r.raw ? bytea(*r.raw) : "");
    }
    std::vector<pg::cell> values{std::to_string(run_), tap_, stream_};
    for (const auto *array : {&file, &line, &last_line, &offset, &column, &state, &reason, &raw})
        values.push_back(pg::array_literal(*array));
    // Arrays that are unnested in FROM are each written down once more.
    pg::as_extension([&] {
        pg::sql("INSERT INTO barometre.reject (run, tap, stream, file, line, last_line, byte_offset, column_name, "
                "sqlstate, reason, raw) "
                "SELECT $1::bigint, $2, $3, r.file, r.line, r.last_line, nullif(r.byte_offset, '')::bigint, "
                "nullif(r.column_name, ''), r.state, r.reason, nullif(r.raw, '')::bytea FROM (SELECT "
                "unnest($4::text[]) AS file, unnest($5::bigint[]) AS line, unnest($6::bigint[]) AS last_line, "
                "unnest($7::text[]) AS byte_offset, unnest($8::text[]) AS column_name, unnest($9::text[]) AS state, "
                "unnest($10::text[]) AS reason, unnest($11::text[]) AS raw) AS r",
                values);
    });
}

} // namespace barometre::load
