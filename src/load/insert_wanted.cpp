#include "load/insert_wanted.h"
#include "core/text/text.h"
#include "pg/distribution.h"
#include "pg/relations.h"
#include "pg/transaction.h"

namespace barometre::load {

namespace {

/// Inserts rows by `insert`, which takes a range of _baro_seq; where the table refuses a row, by halves, so that only
/// the refused ones are missing: each is handed to `refuse`, which may throw. `prepare` is called before the first
/// half, and throws where it is no row's fault.
void insert_by_halves(std::int64_t first, std::int64_t last,
                      const std::function<void(std::int64_t, std::int64_t)> &insert,
                      const std::function<void()> &prepare,
                      const std::function<void(std::int64_t, const error &)> &refuse) {
    try {
        pg::in_subtransaction([&] { insert(first, last); });
        return;
    } catch (const error &e) {
        if (!e.blames_record())
            throw;
        if (first == last) {
            refuse(first, e);
            return;
        }
    }
    if (prepare)
        prepare();
    const std::int64_t middle = first + (last - first) / 2;
    insert_by_halves(first, middle, insert, {}, refuse);
    insert_by_halves(middle + 1, last, insert, {}, refuse);
}

/// The column with the longest value of those under an index, which the server does not name when it is too long for
/// one; or nothing, if none is long.
std::string longest_indexed(const std::string &target, const std::string &wanted, std::int64_t sequence) {
    auto indexed = pg::sql("SELECT DISTINCT a.attname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
                           "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) JOIN pg_catalog.pg_attribute w "
                           "ON w.attrelid = $2::regclass AND w.attname = a.attname AND w.attnum > 0 "
                           "WHERE i.indrelid = $1::regclass",
                           {target, wanted});
    std::string lengths;
    for (std::size_t i = 0; i < indexed.rows.size(); ++i)
        text::append(lengths, "(" + pg::quote_literal(indexed.text(i, 0)) + ", pg_catalog.octet_length(s." +
                                  pg::quote_identifier(indexed.text(i, 0)) + "::text))");
    if (lengths.empty())
        return "";
    auto longest =
        pg::project_sql("SELECT c.name FROM " + wanted + " AS s, LATERAL (VALUES " + lengths +
                        ") AS c (name, length) WHERE s._baro_seq OPERATOR(pg_catalog.=) " + std::to_string(sequence) +
                        " AND c.length OPERATOR(pg_catalog.>) 500 ORDER BY c.length DESC LIMIT 1");
    return longest.empty() ? "" : longest.text(0, 0);
}

} // namespace

std::int64_t insert_wanted(const std::string &target, const std::string &wanted, const std::string &insert,
                           const std::string &rest, const std::string &more, const take_row &take,
                           const withholders &withheld) {
    auto ends = pg::sql("SELECT pg_catalog.min(_baro_seq), pg_catalog.max(_baro_seq), count(*) FROM " + wanted);
    if (!ends.at(0, 0))
        return 0;
    std::int64_t done = 0, refused = 0;
    bool whole = true;
    insert_by_halves(
        ends.number(0, 0), ends.number(0, 1),
        [&](std::int64_t from, std::int64_t to) {
            const std::string range = whole ? ""
                                            : " WHERE _baro_seq OPERATOR(pg_catalog.>=) " + std::to_string(from) +
                                                  " AND _baro_seq OPERATOR(pg_catalog.<=) " + std::to_string(to);
            done += static_cast<std::int64_t>(pg::project_sql(insert + range + rest).processed);
        },
        [&] {
            whole = false;
            // What fails without a row as well (a privilege, a trigger FOR EACH STATEMENT) is no row's fault.
            pg::rolled_back([&] { pg::project_sql(insert + " WHERE false" + rest); });
            pg::project_script("CREATE INDEX ON " + wanted + " (_baro_seq)");
            pg::analyze(wanted, "_baro_seq");
        },
        [&](std::int64_t at, error why) {
            ++refused;
            if (why.sqlstate == "54000" && why.column_name.empty())
                why.column_name = longest_indexed(target, wanted, at);
            take(pg::sql("DELETE FROM " + wanted + " WHERE _baro_seq = $1::bigint RETURNING _baro_file, _baro_line" +
                             more,
                         {std::to_string(at)}),
                 why);
        });
    withheld.look_for(wanted, done, ends.number(0, 2) - refused);
    return refused;
}

take_row told_by_line(const refuse_row &refuse) {
    return [&refuse](const pg::result &row, const error &why) { refuse(row.number(0, 0), row.number(0, 1), why); };
}

} // namespace barometre::load
