#include "tap/shared_ledger.h"
#include "core/json/writer.h"
#include "pg/identity.h"
#include "pg/spi.h"

namespace barometre::tap {

namespace {

std::optional<std::int64_t> number_of(const pg::cell &text) {
    return text ? std::optional(std::stoll(*text)) : std::nullopt;
}

} // namespace

std::map<std::string, held_streams> read_held_streams(const std::string &tap) {
    std::map<std::string, held_streams> out;
    pg::as_extension([&] {
        const auto rows = pg::sql("SELECT f.path, s.key, s.value ->> 'records', s.value ->> 'reading', s.value ->> "
                                  "'version', s.value ->> 'active' FROM barometre.file f, jsonb_each(f.streams) s "
                                  "WHERE f.tap = $1 AND f.stream = '*'",
                                  {tap});
        for (std::size_t i = 0; i < rows.rows.size(); ++i)
            out[rows.text(i, 0)][rows.text(i, 1)] = {number_of(rows.at(i, 2)).value_or(0), rows.at(i, 3),
                                                     number_of(rows.at(i, 4)), number_of(rows.at(i, 5))};
    });
    return out;
}

void record_held_streams(const std::vector<shared_file> &files) {
    if (files.empty())
        return;
    std::vector<std::string> id, stream_of, stream, records, state_of, state;
    std::vector<std::string> reading, has_reading, active;
    for (const shared_file &f : files) {
        for (const auto &[name, held] : f.streams) {
            stream_of.push_back(std::to_string(f.id));
            stream.push_back(name);
            records.push_back(std::to_string(held.records));
            reading.push_back(held.reading.value_or(""));
            has_reading.push_back(held.reading ? "true" : "false");
            active.push_back(held.active ? std::to_string(*held.active) : "");
        }
        id.push_back(std::to_string(f.id));
        state.push_back(f.state.value_or(""));
    }
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.file AS f SET state = nullif(x.state, '')::jsonb, streams = coalesce((SELECT "
                "jsonb_object_agg(s.stream, jsonb_strip_nulls(jsonb_build_object('records', s.records, 'reading', CASE "
                "WHEN s.is_read THEN s.reading END, 'active', nullif(s.active, '')::bigint))) FROM "
                "unnest($3::int[], $4::text[], $5::bigint[], $6::text[], $7::boolean[], $8::text[]) AS s (file, "
                "stream, records, reading, is_read, active) WHERE s.file = f.id), '{}') FROM unnest($1::int[], "
                "$2::text[]) AS x (id, state) WHERE f.id = x.id",
                {pg::array_literal(id), pg::array_literal(state), pg::array_literal(stream_of),
                 pg::array_literal(stream), pg::array_literal(records), pg::array_literal(reading),
                 pg::array_literal(has_reading), pg::array_literal(active)});
    });
}

void record_versions(const std::string &stream, const std::map<std::int64_t, std::int64_t> &versions) {
    if (versions.empty())
        return;
    std::vector<std::string> id, version;
    for (const auto &[file, greatest] : versions) {
        id.push_back(std::to_string(file));
        version.push_back(std::to_string(greatest));
    }
    pg::as_extension([&] {
        pg::sql("UPDATE barometre.file AS f SET streams = jsonb_set(f.streams, ARRAY[$3, 'version'], "
                "to_jsonb(x.version)) FROM unnest($1::int[], $2::bigint[]) AS x (id, version) WHERE f.id = x.id",
                {pg::array_literal(id), pg::array_literal(version), stream});
    });
}

void take_part(const std::string &stream, const ledger &all, const std::map<std::string, held_streams> &held,
               ledger &out) {
    out.files.clear();
    for (const auto &[path, streams] : held) {
        const auto part = streams.find(stream);
        const auto entry = all.files.find(path);
        if (part == streams.end() || !part->second.reading || entry == all.files.end())
            continue;
        ledger_entry mine = entry->second;
        mine.records = part->second.records;
        mine.reading = *part->second.reading;
        out.files.emplace(path, std::move(mine));
    }
    out.complete = out.has_bookmark && out.counted == static_cast<std::int64_t>(out.files.size());
}

} // namespace barometre::tap
