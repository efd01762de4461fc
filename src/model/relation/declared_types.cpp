#include "model/relation/declared_types.h"
#include "core/error.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "model/relation/columns.h"
#include "pg/messages.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace barometre::model::relation {

namespace {

/// Columns of a model that are told one by one.
constexpr std::size_t most_warnings = 20;

/// As the server calls it; nothing: it knows no such type. dbt's word for text is known, too.
std::optional<std::string> known_type(const std::string &declared) {
    try {
        return pg::canonical_type(declared, "");
    } catch (const error &e) {
        if (e.sqlstate != sqlstate::contract)
            throw;
    }
    return text::is_word(declared, "string") ? std::optional<std::string>("text") : std::nullopt;
}

/// What is said without a length is so with any.
bool is_same_type(const std::string &declared, const std::string &built) {
    return declared == built || declared == pg::type_name(pg::type_oid(built));
}

/// How one declared column differs, as a clause about it; empty: not at all.
std::string mismatch(const project::column &declared, const pg::table_column &built) {
    const auto type = known_type(declared.data_type);
    if (type && is_same_type(*type, built.type))
        return "";
    return "is " + built.type + ", and its data_type is " + declared.data_type +
           (type ? "" : ", which is no type of this database");
}

} // namespace

bool declares_types(const project::model &m) {
    return m.contract_enforced || std::any_of(m.columns.begin(), m.columns.end(),
                                              [](const project::column &c) { return !c.data_type.empty(); });
}

void check_declared_types(const project::model &m, const std::vector<pg::table_column> &columns) {
    std::string broken;
    std::size_t warned = 0;
    const auto note = [&](const std::string &column, const std::string &how, const std::string &where) {
        text::append(broken, "Column " + text::quoted(column) + " " + how + where + ".", " ");
    };
    for (const project::column &declared : m.columns) {
        const std::string where = " (" + declared.at.text() + ")";
        const pg::table_column *built = find_column(columns, declared.name);
        if (m.contract_enforced && (!built || declared.data_type.empty())) {
            note(declared.name, built ? "has no data_type" : "is missing", where);
            continue;
        }
        if (!built || declared.data_type.empty()) // one that is missing is told with the descriptions
            continue;
        const std::string how = mismatch(declared, *built);
        if (how.empty())
            continue;
        if (m.contract_enforced)
            note(declared.name, how, where);
        else if (++warned <= most_warnings)
            pg::warning(declared.at.text() + ": column " + text::quoted(declared.name) + " of " + m.kind() + " " +
                            text::quoted(m.name) + " " + how,
                        "Correct the data_type, or cast the column in the query.");
    }
    if (warned > most_warnings)
        pg::warning(m.kind() + " " + text::quoted(m.name) + ": " + std::to_string(warned - most_warnings) +
                    " more columns are not of their data_type");
    if (!m.contract_enforced)
        return;
    for (const pg::table_column &built : columns)
        if (!find_column(m.columns, built.name) && !(m.is_snapshot() && built.name.starts_with("dbt_")))
            note(built.name, "is " + built.type + ", and not declared", "");
    if (!broken.empty())
        throw error(sqlstate::contract,
                    m.at("contract").text() + ": " + m.kind() + " " + text::quoted(m.name) +
                        ": its columns are not those of its contract",
                    broken, "Correct the query, or what its properties say of its columns.");
}

} // namespace barometre::model::relation
