#include "tap/ledger.h"
#include "load/record_input.h"
#include "model/relation/attributes.h"
#include "pg/append_rows.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "pg/time.h"
#include "tap/stream.h"

namespace barometre::tap {

namespace {

std::string number(std::int64_t n) { return std::to_string(n); }

/// SQL for a timestamp given as microseconds since 1970.
std::string timestamp(const char *parameter) {
    return std::string("(timestamptz 'epoch' + ") + parameter + "::bigint * interval '1 microsecond')";
}

} // namespace

bool is_untouched(const ledger_entry &known, const pg::file_state &now) { return known.settled && known.state == now; }

namespace {

/// A file of the ledger, of a row that has the columns of read_ledgers().
ledger_entry entry_of(const pg::result &rows, std::size_t i) {
    ledger_entry e;
    e.id = rows.number(i, "id");
    e.path = rows.text(i, "path");
    e.state = {rows.number(i, "size"), rows.number(i, "inode"), rows.number(i, "mtime_us"), rows.number(i, "ctime_us")};
    e.hash = rows.text(i, "hash");
    e.parsed_bytes = rows.number(i, "parsed_bytes");
    e.parsed_hash = rows.text(i, "parsed_hash");
    e.records = rows.number(i, "records");
    e.reading = rows.text(i, "reading");
    e.delimiter = rows.text(i, "delimiter");
    e.unpacked_hash = rows.text(i, "unpacked_hash");
    if (e.unpacked_hash.empty() && bytes::compression_of(e.path) == bytes::compression::none)
        e.unpacked_hash = e.hash; // 0.1.0 had no such column
    if (rows.at(i, "listed_us"))  // 0.1.0 did not write when that was
        e.settled = times_tell(e.state, rows.number(i, "listed_us"));
    return e;
}

} // namespace

std::vector<ledger> read_ledgers(const std::vector<const project::stream *> &streams) {
    std::vector<ledger> out(streams.size());
    const std::vector<pg::cell> of = names_as_arrays(streams);
    pg::as_extension([&] {
        // date_part is a double, which is exact to the microsecond until 2255, and quicker than extract's numeric.
        const auto rows = pg::sql(
            "SELECT s.n, f.id, f.path, f.size, f.inode, (date_part('epoch', f.mtime) * 1000000)::bigint AS mtime_us, "
            "(date_part('epoch', f.ctime) * 1000000)::bigint AS ctime_us, f.hash, f.parsed_bytes, f.parsed_hash, "
            "f.records, f.reading, f.delimiter, f.unpacked_hash, (date_part('epoch', f.listed_at) * 1000000)::bigint "
            "AS listed_us, f.forgotten_at IS NOT NULL AS is_forgotten FROM " +
                std::string(each_stream) + " JOIN barometre.file f ON f.tap = s.tap AND f.stream = s.stream",
            of);
        for (std::size_t i = 0; i < rows.rows.size(); ++i) {
            ledger &known = out.at(static_cast<std::size_t>(rows.number(i, "n") - 1));
            ledger_entry e = entry_of(rows, i);
            if (rows.yes(i, "is_forgotten"))
                known.forgotten.push_back(std::move(e));
            else
                known.files.emplace(e.path, e);
        }
        const auto left_out =
            pg::sql("SELECT s.n, l.path, l.inode FROM " + std::string(each_stream) +
                        " JOIN barometre_internal.left_out l ON l.tap = s.tap AND l.stream = s.stream",
                    of);
        for (std::size_t i = 0; i < left_out.rows.size(); ++i)
            out.at(static_cast<std::size_t>(left_out.number(i, "n") - 1)).left_out[left_out.text(i, "path")] = {
                left_out.number(i, "inode")};
        const auto marks =
            pg::sql("SELECT s.n, b.files, b.newest_of, b.hashed, b.described FROM " + std::string(each_stream) +
                        " JOIN barometre.bookmark b ON b.tap = s.tap AND b.stream = s.stream",
                    of);
        for (std::size_t i = 0; i < marks.rows.size(); ++i) {
            ledger &known = out.at(static_cast<std::size_t>(marks.number(i, "n") - 1));
            known.has_bookmark = true;
            known.newest_of = marks.text(i, "newest_of");
            known.hashed = marks.text(i, "hashed");
            known.described = marks.text(i, "described");
            known.counted = marks.number(i, "files");
            known.complete = known.counted == static_cast<std::int64_t>(known.files.size());
        }
    });
    return out;
}

ledger read_ledger(const project::stream &stream) {
    ledger known = std::move(read_ledgers({&stream}).front());
    pg::as_extension([&] {
        const auto open =
            pg::sql("SELECT DISTINCT file FROM barometre.reject WHERE tap = $1 AND stream = $2 AND reason = $3",
                    {stream.tap, stream.name, load::never_closed});
        for (std::size_t i = 0; i < open.rows.size(); ++i)
            if (auto file = known.files.find(open.text(i, 0)); file != known.files.end())
                file->second.open_quote = true;
    });
    return known;
}

std::vector<std::int64_t> new_file_ids(std::size_t count) {
    std::vector<std::int64_t> ids;
    if (count > 0)
        pg::as_extension([&] {
            auto rows = pg::sql(
                // The name of the sequence is looked up once, not for each of them.
                "SELECT nextval(s.id) FROM (SELECT pg_get_serial_sequence('barometre.file', 'id')::regclass AS id "
                "OFFSET 0) AS s, generate_series(1, $1::int)",
                {std::to_string(count)});
            for (std::size_t i = 0; i < rows.rows.size(); ++i)
                ids.push_back(rows.number(i, 0));
        });
    return ids;
}

namespace {

constexpr char forget_paths[] = "DELETE FROM barometre.file AS f USING unnest($3::text[]) AS x (path) WHERE f.tap = $1 "
                                "AND f.stream = $2 AND f.path = x.path AND f.forgotten_at IS NULL";

/// What was seen of some files, as parameters: an array for each column.
struct file_columns {
    std::vector<std::string> id, path, size, mtime, ctime, inode;

    void add(const seen_file &seen) {
        const pg::file_state &state = seen.file.state;
        id.push_back(number(seen.id));
        path.push_back(seen.file.name);
        size.push_back(number(state.size));
        mtime.push_back(number(state.mtime_us));
        ctime.push_back(number(state.ctime_us));
        inode.push_back(number(state.inode));
    }
    std::vector<pg::cell> parameters() const {
        std::vector<pg::cell> out;
        for (const auto *column : {&id, &path, &size, &mtime, &ctime, &inode})
            out.push_back(pg::array_literal(*column));
        return out;
    }
};

} // namespace

namespace {

/// False: it is to be done by SQL.
bool enter_directly(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t listed_us,
                    std::int64_t run) {
    static const std::vector<std::string> columns{
        "id",    "tap",       "stream",  "path",         "size",          "mtime",
        "ctime", "inode",     "hash",    "parsed_bytes", "parsed_hash",   "records",
        "run",   "loaded_at", "reading", "delimiter",    "unpacked_hash", "listed_at"};
    const pg::time_value listed{listed_us}, loaded{pg::now_us()};
    std::vector<pg::appended_value> values;
    values.reserve(files.size() * columns.size());
    const auto add = [&](auto value) { values.emplace_back(value); };
    const auto add_text = [&](std::string_view text) { values.emplace_back(text); };
    const auto add_some = [&](std::string_view text) { text.empty() ? add(std::monostate()) : add_text(text); };
    for (const loaded_file &f : files) {
        const pg::file_state &state = f.seen.file.state;
        add(f.seen.id);
        add_text(stream.tap);
        add_text(stream.name);
        add_text(f.seen.file.name);
        add(static_cast<std::int64_t>(state.size));
        add(pg::time_value{state.mtime_us});
        add(pg::time_value{state.ctime_us});
        add(static_cast<std::int64_t>(state.inode));
        add_text(f.hash);
        add(static_cast<std::int64_t>(f.bytes));
        add_text(f.hash);
        add(f.records);
        add(run);
        add(loaded);
        add_text(f.reading);
        add_some(f.delimiter);
        add_some(f.unpacked_hash);
        add(listed);
    }
    return pg::append_directly("barometre", "file", columns, values);
}

void enter_by_sql(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t listed_us,
                  std::int64_t run) {
    file_columns seen;
    std::vector<std::string> hash, bytes, records, reading, delimiter, unpacked;
    for (const loaded_file &f : files) {
        seen.add(f.seen);
        hash.push_back(f.hash);
        bytes.push_back(number(f.bytes));
        records.push_back(number(f.records));
        reading.push_back(f.reading);
        delimiter.push_back(f.delimiter);
        unpacked.push_back(f.unpacked_hash);
    }
    std::vector<pg::cell> values = seen.parameters();
    for (const auto *column : {&hash, &bytes, &records, &reading, &delimiter, &unpacked})
        values.push_back(pg::array_literal(*column));
    for (const std::string &one : {stream.tap, stream.name, number(run), number(listed_us)})
        values.push_back(one);
    pg::sql("INSERT INTO barometre.file (id, tap, stream, path, size, mtime, ctime, inode, hash, parsed_bytes, "
            "parsed_hash, records, run, loaded_at, reading, delimiter, unpacked_hash, listed_at) SELECT f.id, $13, "
            "$14, f.path, f.size, " +
                timestamp("f.mtime") + ", " + timestamp("f.ctime") +
                ", f.inode, f.hash, f.bytes, f.hash, f.records, $15::bigint, clock_timestamp(), f.reading, "
                "nullif(f.delimiter, ''), nullif(f.unpacked, ''), " +
                timestamp("$16") +
                " FROM (SELECT unnest($1::int[]) AS id, unnest($2::text[]) AS path, unnest($3::bigint[]) AS size, "
                "unnest($4::bigint[]) AS mtime, unnest($5::bigint[]) AS ctime, unnest($6::bigint[]) AS inode, "
                "unnest($7::text[]) AS hash, unnest($8::bigint[]) AS bytes, unnest($9::bigint[]) AS records, "
                "unnest($10::text[]) AS reading, unnest($11::text[]) AS delimiter, unnest($12::text[]) AS unpacked"
                ") AS f",
            values);
}

} // namespace

void record_files(const project::stream &stream, const std::vector<loaded_file> &files, std::int64_t listed_us,
                  std::int64_t run) {
    if (files.empty())
        return;
    std::vector<std::string> ids, paths;
    for (const loaded_file &f : files) {
        ids.push_back(number(f.seen.id));
        paths.push_back(f.seen.file.name);
    }
    pg::as_extension([&] {
        // The id may be one that rows of the table carry already.
        pg::sql("DELETE FROM barometre.file AS f USING unnest($1::int[]) AS x (id) WHERE f.id = x.id",
                {pg::array_literal(ids)});
        pg::sql(forget_paths, {stream.tap, stream.name, pg::array_literal(paths)});
        if (!enter_directly(stream, files, listed_us, run))
            enter_by_sql(stream, files, listed_us, run);
    });
}

void record_reading(const std::vector<ledger_entry> &files) {
    if (files.empty())
        return;
    std::vector<std::string> id, reading;
    for (const ledger_entry &f : files) {
        id.push_back(number(f.id));
        reading.push_back(f.reading);
    }
    pg::as_extension([&] {
        pg::sql(
            "UPDATE barometre.file AS t SET reading = f.reading FROM unnest($1::int[], $2::text[]) AS f (id, reading) "
            "WHERE t.id = f.id",
            {pg::array_literal(id), pg::array_literal(reading)});
    });
}

void record_touched(const project::stream &stream, const std::vector<seen_file> &files, std::int64_t listed_us) {
    if (files.empty())
        return;
    file_columns seen;
    std::vector<std::string> before, now;
    for (const seen_file &f : files) {
        seen.add(f);
        if (f.old_path.empty())
            continue;
        before.push_back(f.old_path);
        now.push_back(f.file.name);
    }
    if (!before.empty()) // at once, since one may have the name that another one had
        pg::as_extension([&] {
            pg::sql("UPDATE barometre.reject AS r SET file = x.now FROM unnest($3::text[], $4::text[]) AS x (before, "
                    "now) WHERE r.tap = $1 AND (r.stream = $2 OR $2 = '*') AND r.file = x.before",
                    {stream.tap, stream.name, pg::array_literal(before), pg::array_literal(now)});
        });
    std::vector<pg::cell> values = seen.parameters();
    values.push_back(number(listed_us));
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.file AS t SET path = f.path, size = f.size, mtime = " + timestamp("f.mtime") +
                    ", ctime = " + timestamp("f.ctime") +
                    ", inode = f.inode, loaded_at = clock_timestamp(), listed_at = " + timestamp("$7") +
                    " FROM unnest($1::int[], $2::text[], "
                    "$3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[]) AS f (id, path, size, mtime, ctime, "
                    "inode) WHERE t.id = f.id",
                values);
    });
}

void forget_rejects(const project::stream &stream, const std::vector<std::string> &paths, std::int64_t run) {
    pg::as_extension([&] {
        pg::sql(
            "DELETE FROM barometre.reject AS r USING unnest($3::text[]) AS x (path) WHERE r.tap = $1 AND r.stream = "
            "$2 AND r.file = x.path AND r.run <> $4::bigint",
            {stream.tap, stream.name, pg::array_literal(paths), number(run)});
    });
}

void forget_raw(const project::stream &stream) {
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.reject SET raw = NULL WHERE tap = $1 AND stream = $2 AND raw IS NOT NULL",
                {stream.tap, stream.name});
    });
}

void forget_files(const project::stream &stream, const std::vector<std::string> &paths) {
    pg::as_extension([&] {
        for (const char *statement :
             {forget_paths,
              "DELETE FROM barometre.reject AS r USING unnest($3::text[]) AS x (path) WHERE r.tap = $1 AND "
              "(r.stream = $2 OR $2 = '*') AND r.file = x.path"})
            pg::sql(statement, {stream.tap, stream.name, pg::array_literal(paths)});
    });
}

std::int64_t forget_content(const project::stream &stream, const ledger_entry &file) {
    std::int64_t rejects = 0;
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.file SET forgotten_at = clock_timestamp() WHERE id = $1::int", {number(file.id)});
        rejects = static_cast<std::int64_t>(
            pg::sql("DELETE FROM barometre.reject WHERE tap = $1 AND stream = $2 AND file = $3",
                    {stream.tap, stream.name, file.path})
                .processed);
    });
    return rejects;
}

void recall_contents(const project::stream &stream) {
    pg::as_extension([&] {
        pg::sql("DELETE FROM barometre.file WHERE tap = $1 AND stream = $2 AND forgotten_at IS NOT NULL",
                {stream.tap, stream.name});
    });
}

void record_bookmark(const project::stream &stream, const bookmark &mark, std::int64_t run) {
    const newest_value &newest = mark.newest;
    pg::as_extension([&] {
        pg::sql(
            "INSERT INTO barometre.bookmark AS b (tap, stream, newest_mtime, newest_data, files, records, rows, "
            "run, updated_at, newest_value, newest_of, hashed, described) "
            "SELECT $1, $2, max(mtime), $5, count(*), $3::bigint, $6::bigint, $4::bigint, clock_timestamp(), "
            "$7::timestamptz, $8, $10, $11 FROM barometre.file "
            "WHERE tap = $1 AND (stream = $2 OR (stream = '*' AND streams -> $2 ? 'reading')) AND forgotten_at IS NULL "
            "ON CONFLICT (tap, stream) DO UPDATE SET newest_mtime = excluded.newest_mtime, "
            "newest_data = CASE WHEN $12::boolean THEN excluded.newest_data ELSE coalesce(excluded.newest_data, "
            "b.newest_data) END, files = excluded.files, "
            "records = b.records + excluded.records, rows = b.rows + excluded.rows, run = excluded.run, updated_at "
            "= excluded.updated_at, "
            "newest_value = CASE WHEN $9::boolean THEN excluded.newest_value ELSE greatest(b.newest_value, "
            "excluded.newest_value) END, "
            "newest_of = excluded.newest_of, hashed = excluded.hashed, described = excluded.described",
            {stream.tap, stream.name, number(mark.records), number(run), mark.newest_data,
             mark.rows ? pg::cell(number(*mark.rows)) : pg::cell(), newest.at,
             newest.of.empty() ? pg::cell() : pg::cell(newest.of), newest.of_all_rows ? "true" : "false",
             hashed_columns(stream), model::relation::description_json(stream.description, stream.described()),
             mark.is_of_all_rows ? "true" : "false"});
    });
}

} // namespace barometre::tap
