#include "model/relation/columns.h"
#include "core/error.h"
#include "core/text/text.h"
#include "pg/spi.h"
#include "pg/transaction.h"

namespace barometre::model::relation {

std::string column_change::text() const {
    std::string out;
    for (const auto &c : added)
        text::append(out, "+ " + c.name + " " + c.type);
    for (const auto &name : removed)
        text::append(out, "- " + name);
    for (const auto &c : retyped)
        text::append(out, c.name + " becomes " + c.type);
    return out;
}

column_change compare_columns(const std::vector<pg::table_column> &have, const std::vector<pg::table_column> &wanted) {
    column_change out;
    for (const auto &c : have)
        if (!find_column(wanted, c.name))
            out.removed.push_back(c.name);
    for (const auto &c : wanted) {
        if (!find_column(have, c.name))
            out.added.push_back(c);
        else if (!text::contains(have, c))
            out.retyped.push_back(c);
    }
    return out;
}

void alter_columns(const std::string &schema, const std::string &name, const column_change &change) {
    const std::string target = pg::qualified(schema, name);
    auto alter = [&](const std::string &action) {
        try {
            pg::in_subtransaction([&] { pg::project_script("ALTER TABLE " + target + " " + action); });
        } catch (error &e) {
            if (e.sqlstate == "2BP01") // dependent objects still exist
                e.hint = "The columns of " + target + " change: " + change.text() +
                         ". Drop the objects that DETAIL names, run again, and create them anew.";
            throw;
        }
    };
    for (const std::string &c : change.removed)
        alter("DROP COLUMN " + pg::quote_identifier(c));
    for (const pg::table_column &c : change.retyped) {
        // The values are the model's in the end; those that the server can convert may turn out to be the same.
        const std::string column = pg::quote_identifier(c.name), action = "ALTER COLUMN " + column + " TYPE " + c.type;
        try {
            alter(action);
        } catch (const error &e) {
            if (e.sqlstate != "42804" && !e.sqlstate.starts_with("22")) // no cast, or not for these values
                throw;
            alter(action + " USING NULL::" + c.type);
        }
    }
    for (const pg::table_column &c : change.added)
        alter("ADD COLUMN " + pg::quote_identifier(c.name) + " " + c.type);
}

} // namespace barometre::model::relation
