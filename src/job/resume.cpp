#include "job/resume.h"
#include "core/json/writer.h"
#include "core/project/job_step_config.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "pg/transaction.h"

#include <algorithm>

namespace barometre::job {

namespace {

pg::result ask(const char *query, const std::vector<pg::cell> &values) {
    pg::result found;
    pg::in_subtransaction([&] { found = pg::as_extension([&] { return pg::sql(query, values); }); });
    return found;
}

/// What to call instead.
std::string whole(const project::job &j) {
    return "To run all of it: CALL baro_job(" + pg::quote_literal(j.name) + ");";
}

std::string shown(const pg::cell &step) { return step ? text::shortened(*step, 200) : "none"; }

} // namespace

std::string earlier_run::sentence() const {
    const auto first = std::find(done.begin(), done.end(), "");
    return "goes on with run " + std::to_string(id) + " at step " + std::to_string(first - done.begin() + 1) + " of " +
           std::to_string(done.size());
}

std::string steps_json(const project::job &j) {
    json::array all;
    for (const project::job_step &s : j.steps)
        all.raw(project::step_text(s));
    return all.text();
}

void refuse_changed_steps(const project::job &j, std::int64_t run) {
    const pg::result other = ask(
        "SELECT n, x.was -> (n - 1) AS was, x.now -> (n - 1) AS now FROM (SELECT job_steps AS was, $2::jsonb AS now "
        "FROM barometre.run WHERE id = $1::bigint AND job_steps IS NOT NULL) AS x, generate_series(1, "
        "greatest(jsonb_array_length(x.was), jsonb_array_length(x.now))) AS n WHERE x.was -> (n - 1) IS DISTINCT FROM "
        "x.now -> (n - 1) ORDER BY n LIMIT 1",
        {std::to_string(run), steps_json(j)});
    if (!other.empty())
        throw error(sqlstate::contract,
                    "the steps of job \"" + j.name + "\" are others than those of run " + std::to_string(run),
                    "Step " + other.text(0, "n") + " was " + shown(other.at(0, "was")) + ", and is " +
                        shown(other.at(0, "now")) + ".",
                    whole(j));
}

earlier_run find_failed_run(const project::job &j) {
    const pg::result last = ask(
        "SELECT s.id, s.status, extract(epoch FROM s.scheduled_for)::bigint AS slot, r.job_steps IS NOT NULL AS known "
        "FROM barometre_internal.run_state s JOIN barometre.run r USING (id) WHERE s.kind = 'job' AND s.name = $1 AND "
        "(s.status <> 'skipped' OR strpos(s.message, ', which it comes after, ') > 0) ORDER BY s.id DESC LIMIT 1",
        {j.name});
    if (last.empty())
        throw error("55000", "job \"" + j.name + "\" has no run to go on with", "", whole(j));
    earlier_run out;
    out.id = last.number(0, "id");
    const std::string run = "run " + std::to_string(out.id);
    if (last.text(0, "status") == "succeeded")
        throw error("55000", "the last run of job \"" + j.name + "\" succeeded: there is nothing to go on with",
                    "It is " + run + ".", whole(j));
    if (last.at(0, "slot"))
        out.slot = last.number(0, "slot");
    out.done.resize(j.steps.size());
    if (last.text(0, "status") == "skipped")
        return out; // nothing of it was done, whatever its steps were
    const pg::result steps = ask("SELECT number, kind, status, why FROM barometre.step WHERE run = $1::bigint ORDER BY "
                                 "number",
                                 {std::to_string(out.id)});
    if (!last.yes(0, "known") && !steps.empty())
        throw error("55000", "which steps " + run + " of job \"" + j.name + "\" had is not known",
                    "It was made by an earlier version of barometre.", whole(j));
    refuse_changed_steps(j, out.id);
    bool has_failed = false;
    for (std::size_t i = 0; i < steps.rows.size(); ++i) {
        const std::string status = steps.text(i, "status");
        const bool is_done = status == "succeeded" || status == "unchanged";
        has_failed |= !is_done;
        const auto number = static_cast<std::size_t>(steps.number(i, "number"));
        if (is_done && (!has_failed || steps.text(i, "kind") == "sql") && number <= out.done.size())
            out.done[number - 1] = status == "unchanged" ? steps.text(i, "why") : run + " did it";
    }
    if (std::find(out.done.begin(), out.done.end(), "") == out.done.end())
        throw error("55000", "each step of " + run + " of job \"" + j.name + "\" succeeded", "", whole(j));
    return out;
}

} // namespace barometre::job
