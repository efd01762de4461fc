#include "tap/newest_value.h"
#include "core/value/format.h"
#include "pg/messages.h"
#include "pg/relations.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "tap/stream.h"

namespace barometre::tap {

namespace {

/// Of values that are no dates, or lie in the future: as many are looked at.
constexpr char most_candidates[] = "100";

/// Data that is newer has a typing error in it.
constexpr char soon[] = "(pg_catalog.now() OPERATOR(pg_catalog.+) interval '1 day')";

std::string time_at(std::int64_t microseconds) {
    return pg::sql("SELECT (timestamp '2000-01-01' + $1::bigint * interval '1 microsecond')::timestamptz",
                   {std::to_string(microseconds)})
        .text(0, 0);
}

/// The greatest of the dates that are written in a text column, found by its digits, so that only a few are read.
pg::cell newest_text(const std::string &column, const std::string &from, const std::string &format) {
    const value::time_format reader(format);
    const auto layout = reader.full_layout();
    std::string key, bound;
    constexpr const char *patterns[] = {"YYYY", "MM", "DD", "HH24", "MI", "SS"};
    for (std::size_t i = 0; i < layout.places.size(); ++i) {
        const auto &place = layout.places[i];
        const std::string digits = "pg_catalog.substr(" + column + ", " + std::to_string(place.at + 1) + ", " +
                                   std::to_string(place.digits) + ")";
        if (i == 0 && place.digits == 2)
            key += "CASE WHEN " + digits +
                   " OPERATOR(pg_catalog.<) '70' THEN '20' ELSE '19' END OPERATOR(pg_catalog.||) " + digits;
        else
            key += (i ? " OPERATOR(pg_catalog.||) " : "") + digits;
        bound += i < std::size(patterns) ? patterns[i] : "";
    }
    key = "(" + key + ") COLLATE \"C\"";
    const auto found =
        pg::project_sql("SELECT DISTINCT " + column + ", " + key + " FROM " + from + " AND pg_catalog.char_length(" +
                        column + ") OPERATOR(pg_catalog.=) " + std::to_string(layout.length) + " AND " + key +
                        " OPERATOR(pg_catalog.<=) pg_catalog.to_char(" + soon + ", '" + bound +
                        "') ORDER BY 2 DESC LIMIT " + most_candidates);
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        if (const auto at = reader.parse(found.text(i, 0)))
            return time_at(*at);
    return std::nullopt;
}

/// Of texts without a format: how one begins that says the same time tomorrow and in any country.
std::string dated(const project::stream &stream) {
    const bool has_order = stream.date_order != value::date_order::none;
    return "'^\\s*(?:\\d{4,6}([-/.])\\d{1,2}\\1\\d|\\d{8}(?!\\d)" +
           std::string(has_order ? "|\\d{1,2}([-/.])\\d{1,2}\\2\\d{2}" : "") + ")'";
}

} // namespace

std::string newest_of(const project::stream &stream) {
    return stream.freshness && !stream.freshness->column.empty()
               ? stream.freshness->column + " " + stream.freshness->format
               : "";
}

newest_value find_newest_value(const project::stream &stream, bool of_all_rows,
                               const std::vector<std::string> &file_ids) {
    newest_value newest{newest_of(stream), std::nullopt, of_all_rows};
    if (newest.of.empty())
        return newest;
    const project::freshness_config &wanted = *stream.freshness;
    try {
        pg::in_subtransaction([&] {
            std::string type;
            for (const pg::table_column &c : pg::columns_of(stream.tap, stream.name))
                if (c.name == wanted.column)
                    type = c.type;
            if (type.empty())
                throw error(sqlstate::contract, "the table has no column \"" + wanted.column + "\"");
            const std::string column = "x." + pg::quote_identifier(wanted.column);
            const std::string from =
                table_of(stream) + " AS x WHERE " +
                (of_all_rows ? "true" : "x._baro_file OPERATOR(pg_catalog.=) ANY (" + pg::int_array(file_ids) + ")");
            const std::string as_text = column + "::text",
                              filled = "CASE WHEN " + as_text + " OPERATOR(pg_catalog.<>) '' THEN " + as_text + " END";
            const bool is_text = type == "text" || type.starts_with("character");
            if (!is_text && type != "date" && !type.starts_with("timestamp"))
                throw error(sqlstate::contract, "column \"" + wanted.column + "\" is of type " + type);
            const std::string time = is_text ? "(CASE WHEN " + as_text + " OPERATOR(pg_catalog.~) " + dated(stream) +
                                                   " THEN " + as_text + " END)::timestamptz"
                                             : column;
            if (!is_text || wanted.format.empty()) // a typing error must not keep data fresh for years
                newest.at = pg::project_sql("SELECT pg_catalog.max(" + time + ")::timestamptz FROM " + from + " AND " +
                                            time + " OPERATOR(pg_catalog.<=) " + soon)
                                .at(0, 0);
            else
                newest.at = newest_text(column, from, wanted.format);
            if (!newest.at &&
                pg::project_sql("SELECT FROM " + from + " AND (" + filled + ") IS NOT NULL", {}, 1).processed)
                throw error(sqlstate::contract,
                            "no value of column \"" + wanted.column + "\" in these files is a time" +
                                (wanted.format.empty() ? "" : " of the format \"" + wanted.format + "\"") +
                                " that is past");
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        // What the server says of a value quotes it, and warnings are kept.
        const bool hidden = hides_values(stream) && !e.sqlstate.starts_with("BM");
        pg::warning(shown(stream) + ": how new the data is can't be told: " +
                        (hidden ? "values of column \"" + wanted.column + "\" are no times" : e.message),
                    "Correct \"freshness\" of the stream in barometre.yml: column names dates, timestamps, or a text, "
                    "whose format is given if it is no ISO form.");
    }
    return newest;
}

} // namespace barometre::tap
