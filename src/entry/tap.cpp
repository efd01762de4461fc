#include "call/calls.h"
#include "core/text/text.h"
#include "pg/entry.h"
#include "tap/check.h"
#include "tap/choose.h"
#include "tap/preview.h"

namespace barometre::entry {

namespace {

pg::table load(const pg::arguments &given) {
    const auto loaded = registry::load_project();
    const call::load_options how{.tap = given.text(0),
                                 .streams = given.texts(1),
                                 .full_refresh = given.yes(2),
                                 .skips_failures = call::skips_failures(given.text(3, "stop"))};
    pg::table rows;
    for (const run::step &s : call::load(call::transactions::current(), loaded, how)) {
        if (s.kind != "stream") // files are counted with theirs
            continue;
        const bool is_loaded = s.status == "succeeded";
        rows.push_back({s.name.substr(s.name.find('.') + 1)});
        for (const std::int64_t n : {s.files, s.read, s.records, s.inserted, s.updated, s.unchanged, s.rejected})
            rows.back().push_back(is_loaded ? pg::cell(std::to_string(n)) : pg::cell());
        rows.back().push_back(is_loaded ? pg::cell(text::format_seconds(s.seconds)) : pg::cell());
    }
    return rows;
}

pg::table check(const pg::arguments &given) {
    const auto loaded = registry::load_project();
    return call::as_owner(loaded, [&] {
        pg::table rows;
        for (const tap::chosen &c : tap::choose(loaded.definition, given.text(0), std::nullopt))
            for (tap::checked &of : tap::check_tap(c))
                for (pg::row &found : of.rows) {
                    const bool is_sql = found.at(0) == "ddl";
                    found.at(1) = text::fold(*found.at(1), 27);
                    found.at(2) = text::fold(*found.at(2), 38, is_sql);
                    found.insert(found.begin(), text::fold(of.stream, 17));
                    rows.push_back(std::move(found));
                }
        return rows;
    });
}

pg::table preview(const pg::arguments &given) {
    std::string tap = given.text(0), stream = given.text(1);
    const std::int64_t most = given.integer(2, 0);
    if (tap.empty() || (stream.empty() && tap.find('.') == std::string::npos) || most < 1)
        throw error("22023", "baro_preview wants a tap, a stream and a positive number of records", "",
                    "For example: SELECT * FROM baro_preview('tap_csv_ppel.ppel_logs');");
    const auto loaded = registry::load_project();
    if (stream.empty()) {
        stream = tap.substr(tap.find('.') + 1);
        tap.resize(tap.find('.'));
    }
    if (const project::tap *t = loaded.definition.find_tap(tap); t && t->shares_files())
        return call::as_owner(loaded, [&] { return tap::preview_shared(*t, stream, most); });
    const auto chosen = tap::choose(loaded.definition, tap, std::vector{stream});
    return call::as_owner(loaded, [&] { return tap::preview_stream(*chosen.at(0).streams.at(0), most); });
}

pg::table forget(const pg::arguments &given) {
    const std::string tap = given.text(0), stream = given.text(1), file = given.text(2);
    const bool is_trial = given.is_null(3) || given.yes(3);
    if (tap.empty() || file.empty())
        throw error("22023", "baro_forget wants a tap, a stream and a file", "",
                    "For example: SELECT * FROM baro_forget('tap', 'stream', 'in/file.csv');");
    pg::table rows;
    for (const tap::forgotten_part &part : call::forget(registry::load_project(), tap, stream, file, is_trial))
        rows.push_back({text::fold(part.relation, 34), std::to_string(part.rows), text::fold(part.note, 48)});
    if (is_trial)
        pg::notice("nothing was changed; with  dry_run => false  it is done");
    return rows;
}

} // namespace

BARO_WRITES(barometre_forget, forget)
BARO_WRITES(barometre_run, load)
BARO_WRITES(barometre_check, check)
BARO_WRITES(barometre_preview, preview)

} // namespace barometre::entry
