#include "page/data.h"
#include "core/json/writer.h"
#include "page/audience.h"
#include "page/cron.h"
#include "page/texts.h"
#include "pg/identity.h"
#include "pg/settings.h"
#include "pg/transaction.h"

namespace barometre::page {

namespace {

/// As barometre.problems would have it, in a list: without values, if they are hidden.
pg::cell problem(const std::optional<error> &e) {
    if (!e)
        return std::nullopt;
    const std::string told = pg::sql("SELECT barometre_internal.told($1, $2)", {e->message, e->sqlstate}).text(0, 0);
    json::object one;
    one.add("kind", "project").add("name", "barometre.yml").add("file", "barometre.yml").add("message", told);
    if (told == e->message)
        one.add_some("detail", e->detail).add_some("hint", e->hint);
    return json::array().raw(one.text()).text();
}

} // namespace

subject find_subject() {
    subject out;
    try {
        pg::in_subtransaction([&] { out.project = registry::load_project(); });
    } catch (const error &e) {
        if (e.is_intervention() || e.sqlstate.starts_with("42"))
            throw;
        out.wrong = e;
        out.project = registry::find_remembered_project();
    }
    return out;
}

parts make(const subject &of, const request &what, bool brief) {
    if (what.lang != "en" && what.lang != "fr")
        throw error("22023", "the page can't be written in \"" + what.lang + "\"", "", "lang is 'en' or 'fr'.");
    const audience whom = find_audience(of, what);
    const std::string sql = of.project && !of.wrong ? texts(*of.project, !whom.sees_values, brief) : "{}";
    const std::string caller = std::to_string(pg::current_role());
    const pg::cell cron = cron_entries();
    return pg::as_extension([&] {
        if (!whom.sees_values)
            pg::hide_values();
        const pg::cell wrong = problem(of.wrong);
        const auto made = pg::sql(
            "SELECT barometre_internal.page_text(coalesce(p.data #>> '{project,name}', 'barometre')) AS title, "
            "barometre_internal.page_html(p.data) AS state, "
            "p.data::text AS data FROM barometre_internal.page_data($1, $2::boolean, $3::oid, $4::oid, "
            "$5::jsonb, $6::jsonb, $7::jsonb) AS p (data)",
            {what.lang, whom.sees_values ? "true" : "false", std::to_string(whom.role), caller, sql, cron, wrong});
        return parts{made.text(0, "title"), made.text(0, "state"), made.text(0, "data")};
    });
}

std::string data(const subject &of, const request &what) { return make(of, what, false).data; }

} // namespace barometre::page
