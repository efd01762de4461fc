#include "tap/ledger.h"
#include "core/csv/record_reader.h"
#include "load/csv_input.h"
#include "pg/identity.h"
#include "pg/spi.h"

#include <algorithm>
#include <set>

namespace barometre::tap {

namespace {

std::string number(std::int64_t n) { return std::to_string(n); }

/// SQL for a timestamp given as microseconds since 1970.
std::string timestamp(const char *parameter) {
    return std::string("(timestamptz 'epoch' + ") + parameter + "::bigint * interval '1 microsecond')";
}

std::string hash_of(const pg::data_file &file) {
    pg::descriptor opened = pg::open_file(file);
    return csv::to_hex(csv::hash_file(opened.get(), [] { pg::check_interrupts(); }));
}

/// Decides by its content about a file that has the size of its last load.
void compare_content(file_plan &plan, const ledger_entry &known) {
    try {
        plan.hash = hash_of(plan.file);
    } catch (const error &e) {
        // Made unreadable since: only its permissions changed, as far as anybody can see.
        const pg::file_state &now = plan.file.state, &then = known.state;
        if (e.sqlstate != sqlstate::bad_file || now.mtime_us != then.mtime_us || now.inode != then.inode)
            throw;
        pg::warning(e.message, e.hint, "Its size and time are those of its last load, so it counts as unchanged.");
        plan.action = file_action::unchanged;
        return;
    }
    if (plan.hash == known.hash)
        plan.action = file_action::touched;
}

/// Finds whether a file only grew since it was loaded.
void compare_prefix(file_plan &plan, const ledger_entry &known) {
    if (known.parsed_bytes == 0 || known.records == 0) // of which not even the header may have been there
        return;
    pg::descriptor opened = pg::open_file(plan.file);
    auto prefix = csv::read_prefix(opened.get(), static_cast<std::uint64_t>(known.parsed_bytes), [] { pg::check_interrupts(); });
    if (prefix.whole_lines && csv::to_hex(prefix.hash) == known.parsed_hash) {
        plan.prefix = std::move(prefix);
        plan.records = known.records;
    }
}

} // namespace

ledger read_ledger(const project::stream &stream) {
    ledger known;
    pg::as_extension([&] {
        // A file changed within two seconds before its load may have changed again
        // within the resolution of its times.
        // date_part is a double, which is exact to the microsecond until 2255, and quicker than extract's numeric.
        auto rows = pg::sql("SELECT id, path, size, inode, (date_part('epoch', mtime) * 1000000)::bigint, "
                            "(date_part('epoch', ctime) * 1000000)::bigint, hash, parsed_bytes, parsed_hash, records, greatest(mtime, ctime) < loaded_at - interval '2 seconds' "
                            "FROM barometre.file WHERE tap = $1 AND stream = $2",
                            {stream.tap, stream.name});
        for (std::size_t i = 0; i < rows.rows.size(); ++i) {
            ledger_entry e;
            e.id = rows.number(i, 0);
            e.path = rows.text(i, 1);
            e.state = {rows.number(i, 2), rows.number(i, 3), rows.number(i, 4), rows.number(i, 5)};
            e.hash = rows.text(i, 6);
            e.parsed_bytes = rows.number(i, 7);
            e.parsed_hash = rows.text(i, 8);
            e.records = rows.number(i, 9);
            e.settled = rows.yes(i, 10);
            known.files.emplace(e.path, e);
        }
        auto open = pg::sql("SELECT DISTINCT file FROM barometre.reject WHERE tap = $1 AND stream = $2 AND reason = $3",
                            {stream.tap, stream.name, load::never_closed});
        for (std::size_t i = 0; i < open.rows.size(); ++i)
            if (auto file = known.files.find(open.text(i, 0)); file != known.files.end())
                file->second.open_quote = true;
        auto mark = pg::sql("SELECT files, newest_of, hashed FROM barometre.bookmark WHERE tap = $1 AND stream = $2", {stream.tap, stream.name});
        known.has_bookmark = !mark.empty();
        known.newest_of = mark.empty() ? "" : mark.text(0, 1);
        known.hashed = mark.empty() ? "" : mark.text(0, 2);
        known.complete = !mark.empty() && mark.number(0, 0) == static_cast<std::int64_t>(known.files.size());
    });
    return known;
}

std::vector<file_plan> plan_files(const std::vector<pg::data_file> &files, const std::vector<pg::data_file> &listed,
                                  const ledger &known, bool parse_all, bool tails) {
    // Only for files that the ledger does not have by their names.
    std::set<std::string> present;
    std::set<std::int64_t> sizes;
    std::multimap<std::string, const ledger_entry *> by_hash;
    auto index_ledger = [&] {
        for (const pg::data_file &f : listed)
            present.insert(f.name);
        for (const auto &[path, entry] : known.files) {
            sizes.insert(entry.state.size);
            by_hash.emplace(entry.hash, &entry);
        }
    };
    std::set<std::int64_t> taken;
    std::vector<file_plan> plans;
    for (const pg::data_file &file : files) {
        file_plan plan;
        plan.file = file;
        auto entry = known.files.find(file.name);
        if (entry != known.files.end()) {
            plan.id = entry->second.id;
            if (tails && !parse_all && !entry->second.open_quote && csv::compression_of(file.name) == csv::compression::none &&
                file.state.size > entry->second.parsed_bytes)
                compare_prefix(plan, entry->second);
            if (!parse_all && entry->second.state.size == file.state.size) {
                if (known.has_bookmark && entry->second.settled && entry->second.state == file.state) {
                    plan.action = file_action::unchanged;
                } else {
                    compare_content(plan, entry->second);
                }
            }
            plans.push_back(std::move(plan));
            continue;
        }
        // A name that is not in the ledger: a new file, or one that was renamed.
        if (present.empty())
            index_ledger();
        if (file.state.size > 0 && sizes.count(file.state.size)) {
            plan.hash = hash_of(file);
            const auto [first, last] = by_hash.equal_range(plan.hash);
            for (auto same = first; same != last; ++same) {
                const ledger_entry &old = *same->second;
                const std::string &path = old.path;
                if (present.count(path) || taken.count(old.id)) {
                    plan.twin = path;
                } else {
                    plan.id = old.id;
                    plan.old_path = path;
                    plan.twin.clear();
                    taken.insert(old.id);
                    if (!parse_all)
                        plan.action = file_action::renamed;
                    break;
                }
            }
        }
        plans.push_back(std::move(plan));
    }
    return plans;
}

std::vector<std::int64_t> new_file_ids(std::size_t count) {
    std::vector<std::int64_t> ids;
    if (count > 0)
        pg::as_extension([&] {
            auto rows = pg::sql("SELECT nextval(pg_get_serial_sequence('barometre.file', 'id')) FROM generate_series(1, $1::int)",
                                {std::to_string(count)});
            for (std::size_t i = 0; i < rows.rows.size(); ++i)
                ids.push_back(rows.number(i, 0));
        });
    return ids;
}

namespace {

/// What was seen of some files, as parameters: an array for each column.
struct file_columns {
    std::vector<std::string> id, path, size, mtime, ctime, inode;

    void add(const file_plan &plan) {
        const pg::data_file &file = plan.file;
        id.push_back(number(plan.id));
        path.push_back(file.name);
        size.push_back(number(file.state.size));
        mtime.push_back(number(file.state.mtime_us));
        ctime.push_back(number(file.state.ctime_us));
        inode.push_back(number(file.state.inode));
    }
    std::vector<pg::cell> parameters() const {
        std::vector<pg::cell> out;
        for (const auto *column : {&id, &path, &size, &mtime, &ctime, &inode})
            out.push_back(pg::array_literal(*column));
        return out;
    }
};

} // namespace

void record_files(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t run) {
    if (files.empty())
        return;
    file_columns seen;
    std::vector<std::string> hash, bytes, records;
    for (const loaded_file &f : files) {
        seen.add(*f.plan);
        hash.push_back(f.hash);
        bytes.push_back(number(f.bytes));
        records.push_back(number(f.records));
    }
    std::vector<pg::cell> values = seen.parameters();
    for (const auto *column : {&hash, &bytes, &records})
        values.push_back(pg::array_literal(*column));
    for (const std::string &one : {stream.tap, stream.name, number(run)})
        values.push_back(one);
    pg::as_extension([&] {
        // The id may be one that rows of the table carry already.
        pg::sql("DELETE FROM barometre.file WHERE id = ANY ($1::int[]) OR (tap = $2 AND stream = $3 AND path = ANY ($4::text[]))",
                {values[0], stream.tap, stream.name, values[1]});
        pg::sql("INSERT INTO barometre.file (id, tap, stream, path, size, mtime, ctime, inode, hash, parsed_bytes, "
                "parsed_hash, records, run, loaded_at) SELECT f.id, $10, $11, f.path, f.size, " +
                    timestamp("f.mtime") + ", " + timestamp("f.ctime") +
                    ", f.inode, f.hash, f.bytes, f.hash, f.records, $12::bigint, clock_timestamp() FROM unnest($1::int[], "
                    "$2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], "
                    "$9::bigint[]) AS f (id, path, size, mtime, ctime, inode, hash, bytes, records)",
                values);
    });
}

void record_touched(const project::stream &stream, const std::vector<const file_plan *> &files) {
    if (files.empty())
        return;
    for (const file_plan *f : files)
        if (!f->old_path.empty())
            pg::as_extension([&] {
                pg::sql("UPDATE barometre.reject SET file = $3 WHERE tap = $1 AND stream = $2 AND file = $4",
                        {stream.tap, stream.name, f->file.name, f->old_path});
            });
    file_columns seen;
    for (const file_plan *f : files)
        seen.add(*f);
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.file AS t SET path = f.path, size = f.size, mtime = " + timestamp("f.mtime") + ", ctime = " +
                    timestamp("f.ctime") + ", inode = f.inode, loaded_at = clock_timestamp() FROM unnest($1::int[], $2::text[], "
                    "$3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS f (id, path, size, mtime, ctime, inode) WHERE t.id = f.id",
                seen.parameters());
    });
}

void forget_rejects(const project::stream &stream, const std::vector<std::string> &paths, std::int64_t run) {
    pg::as_extension([&] {
        pg::sql("DELETE FROM barometre.reject WHERE tap = $1 AND stream = $2 AND file = ANY ($3::text[]) AND run <> $4::bigint",
                {stream.tap, stream.name, pg::array_literal(paths), number(run)});
    });
}

void forget_raw(const project::stream &stream) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.reject SET raw = NULL WHERE tap = $1 AND stream = $2 AND raw IS NOT NULL", {stream.tap, stream.name});
    });
}

std::string hashed_columns(const project::stream &stream) {
    std::string list;
    for (const project::mapping &m : stream.map)
        if (m.md5)
            list += (list.empty() ? "" : ", ") + pg::quote_identifier(m.target);
    return list;
}

void forget_files(const project::stream &stream, const std::vector<std::string> &paths) {
    pg::as_extension([&] {
        for (const char *statement : {"DELETE FROM barometre.file WHERE tap = $1 AND stream = $2 AND path = ANY ($3::text[])",
                                      "DELETE FROM barometre.reject WHERE tap = $1 AND stream = $2 AND file = ANY ($3::text[])"})
            pg::sql(statement, {stream.tap, stream.name, pg::array_literal(paths)});
    });
}

void record_bookmark(const project::stream &stream, std::int64_t records, std::int64_t run, const std::optional<std::int64_t> &rows,
                     const std::optional<std::string> &newest_data, const newest_value &newest) {
    pg::as_extension([&] {
        pg::sql("INSERT INTO barometre.bookmark AS b (tap, stream, newest_mtime, newest_data, files, records, rows, run, updated_at, newest_value, newest_of, hashed) "
                "SELECT $1, $2, max(mtime), $5, count(*), $3::bigint, $6::bigint, $4::bigint, clock_timestamp(), $7::timestamptz, $8, $10 FROM barometre.file "
                "WHERE tap = $1 AND stream = $2 "
                "ON CONFLICT (tap, stream) DO UPDATE SET newest_mtime = excluded.newest_mtime, "
                "newest_data = coalesce(excluded.newest_data, b.newest_data), files = excluded.files, "
                "records = b.records + excluded.records, rows = b.rows + excluded.rows, run = excluded.run, updated_at = excluded.updated_at, "
                "newest_value = CASE WHEN $9::boolean THEN excluded.newest_value ELSE greatest(b.newest_value, excluded.newest_value) END, "
                "newest_of = excluded.newest_of, hashed = excluded.hashed",
                {stream.tap, stream.name, number(records), number(run), newest_data, rows ? pg::cell(number(*rows)) : pg::cell(),
                 newest.at, newest.of.empty() ? pg::cell() : pg::cell(newest.of), newest.of_all_rows ? "true" : "false",
                 hashed_columns(stream)});
    });
}

} // namespace barometre::tap
