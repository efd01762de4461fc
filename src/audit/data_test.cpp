#include "audit/data_test.h"
#include "audit/test_query.h"
#include "audit/unit_test.h"
#include "core/graph/selection.h"
#include "core/interrupts.h"
#include "core/project/dependencies.h"
#include "core/text/text.h"
#include "pg/claim.h"
#include "pg/messages.h"
#include "pg/query.h"
#include "pg/repeated_keys.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>
#include <charconv>

namespace barometre::audit {

namespace {

/// Where an error of the test is: where it was declared, and the line of its own SQL. `sql`: what ran, with `lead`
/// lines before those of `query`, which may have more lines than the test's.
std::string place_of_error(const data_test &t, const error &e, const std::string &query, const std::string &sql,
                           std::ptrdiff_t lead) {
    if (t.source_file.empty())
        return t.file;
    std::size_t line = 0;
    if (e.query_position > 0 && (e.query == sql || e.query == query) &&
        std::count(query.begin(), query.end(), '\n') == std::count(t.query.begin(), t.query.end(), '\n')) {
        const std::ptrdiff_t at = registry::line_at(e.query, e.query_position) - (e.query == sql ? lead : 0);
        if (at > 0 && at <= static_cast<std::ptrdiff_t>(t.lines.size()))
            line = static_cast<std::size_t>(at);
    }
    const std::string number = line ? std::to_string(t.lines[line - 1]) : "";
    if (t.source_file == t.file)
        return t.file + (line ? ":" + number : "");
    return t.file + " (" + t.source_file + (line ? ", line " + number : "") + ")";
}

/// An error's message with its place, unless it begins with one of that file.
std::string at_its_place(const std::string &place, const error &e) {
    return e.message.starts_with(place.substr(0, place.rfind(':')) + ":") ? e.message : place + ": " + e.message;
}

/// Runs the query, with `before` and `after` around it, in a subtransaction; an error of its own is the outcome. What
/// `where` makes so that it can be read lives on.
void attempt(outcome &o, const data_test &t, const reading &where, const std::string &before, const std::string &after,
             const std::function<void(const pg::result &)> &take) {
    std::string query = t.query, sql;
    try {
        query = where.resolve(t.query);
        // A query ends in a newline, so that it may end in a comment.
        sql = before + query + "\n" + after;
        (t.is_unit ? pg::reading_only : pg::in_subtransaction)([&] { take(pg::project_sql(sql)); });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        o.status = "error";
        o.message = at_its_place(place_of_error(t, e, query, sql, std::count(before.begin(), before.end(), '\n')), e);
    }
}

void judge(outcome &o, const data_test &t) {
    if (o.status.empty())
        o.status = t.config.judge(o.failures);
}

/// What fail_calc gave: one integer.
std::int64_t calculated(const data_test &t, const pg::result &got) {
    const std::string what = "fail_calc \"" + t.config.fail_calc + "\" gives ";
    if (got.rows.size() != 1)
        throw error("21000",
                    what + std::to_string(got.rows.size()) + " rows, and must give one number: use an aggregate");
    if (!got.at(0, 0))
        throw error("22004", what + "NULL, and must give a number: use coalesce(..., 0)");
    const std::string &text = *got.at(0, 0);
    const char *const end = text.data() + text.size();
    std::int64_t failures = 0;
    const auto [stop, failure] = std::from_chars(text.data(), end, failures);
    if (failure != std::errc() ||
        (stop != end && (*stop != '.' || std::string(stop + 1, end).find_first_not_of('0') != std::string::npos)))
        throw error("22003", what + text + ", which is no integer");
    return failures;
}

/// Counts the failing rows of several tests of one table in one scan. False: one of them is wrong.
bool scan(const std::vector<data_test> &tests, const std::vector<std::size_t> &together, const reading &where,
          std::vector<outcome> &out) {
    stopwatch watch;
    const std::string counts = text::join(together, ",\n", [&](std::size_t i) {
        return "pg_catalog.count(" + tests[i].counted + ") FILTER (WHERE " + tests[i].condition + ")";
    });
    try {
        const std::string sql = where.resolve("SELECT " + counts + " FROM " + tests[together.front()].table);
        pg::in_subtransaction([&] {
            auto got = pg::project_sql(sql);
            for (std::size_t n = 0; n < together.size(); ++n)
                out[together[n]].failures =
                    std::min(got.number(0, n), tests[together[n]].config.limit.value_or(INT64_MAX));
        });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return false;
    }
    for (std::size_t i : together) {
        out[i].seconds += watch.seconds() / static_cast<double>(together.size());
        judge(out[i], tests[i]);
    }
    return true;
}

/// Whether the hashes of the values tell that a test finds nothing, which takes a fraction of its query.
bool surely_passes(const data_test &t, const reading &where) {
    bool is_sure = false;
    try {
        const std::string sql = t.unique.empty() ? "" : where.resolve("SELECT * FROM " + t.table);
        if (!sql.empty())
            pg::in_subtransaction([&] {
                const pg::analyzed_query read = pg::analyze_query(sql);
                is_sure = read.views.empty() && read.relations.size() == 1 && read.functions.empty() &&
                          pg::is_surely_unique(read.relations.front().relation, t.unique);
            });
    } catch (const error &e) { // its query says it again
        if (e.is_intervention())
            throw;
    }
    return is_sure;
}

/// Runs the query of a test, which gives how many rows fail, and `samples` of them.
void find_failing(outcome &o, const data_test &t, const reading &where, const std::string &samples) {
    const std::string limit = t.config.limit ? " LIMIT " + std::to_string(*t.config.limit) : "";
    const std::string &calc = t.config.fail_calc;
    attempt(o, t, where, "WITH failing AS (SELECT * FROM (\n",
            ") AS failing" + limit + ") SELECT " +
                (calc.empty() ? "pg_catalog.count(*)" : "CAST((" + calc + "\n) AS pg_catalog.text)") +
                ", (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(s)) FROM (SELECT * FROM failing LIMIT " + samples +
                ") AS s) FROM failing" + (calc.empty() ? "" : " AS dbt_internal_test"),
            [&](const pg::result &got) {
                o.failures = calc.empty() ? got.number(0, 0) : calculated(t, got);
                o.sample = got.at(0, 1);
            });
}

/// Gives a test the types of what it reads; what is wrong then is its outcome.
void complete(data_test &t, outcome &o, const reading &where) {
    if (!o.status.empty() || !t.complete)
        return;
    const stopwatch watch;
    try {
        t = completed(t, where);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        o.status = e.sqlstate == sqlstate::not_ready ? "skip" : "error";
        o.message = o.status == "skip" ? e.message : at_its_place(place_of_error(t, e, "", "", 0), e);
    }
    o.seconds = watch.seconds();
}

/// Why a node is not read, because it is a stranger's; empty: it is none.
std::string objection_to(const project::project &p, const std::string &node) {
    const auto [schema, name] = registry::place_of(p, node);
    try {
        pg::check_reading(schema, name);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return e.message;
    }
    return "";
}

} // namespace

std::string counted(const data_test &t, std::int64_t failures) {
    if (t.is_unit)
        return text::format_count(failures) + (failures == 1 ? " row differs" : " rows differ");
    return t.config.fail_calc.empty() ? text::format_count(failures) + " failing rows"
                                      : "fail_calc is " + text::format_count(failures);
}

run::step step_of(const data_test &t, const outcome &o) {
    run::step done;
    done.kind = "test";
    done.name = t.target + " " + t.name;
    done.status = o.status;
    done.records = o.failures;
    done.seconds = o.seconds;
    done.message = o.message;
    return done;
}

std::int64_t note_skipped(const std::vector<outcome> &outcomes) {
    std::int64_t skipped = 0;
    std::string first;
    for (const outcome &o : outcomes)
        if (o.status == "skip" && ++skipped == 1)
            first = o.message;
    if (skipped > 0)
        pg::note_warning(std::to_string(skipped) + " of " + std::to_string(outcomes.size()) +
                         (outcomes.size() == 1 ? " test" : " tests") + (skipped == 1 ? " was" : " were") +
                         " skipped: " + first + (skipped > 1 ? ", ..." : ""));
    return skipped;
}

std::vector<data_test> select_tests(const project::project &p, const std::string &selection) {
    const std::set<std::string> selected =
        graph::select_nodes(project::dependencies_with_all_tests(p), project::traits_of(p), selection);
    const reading there = published(p);
    std::vector<data_test> out = unit_tests(p);
    for (data_test &t : all_tests(p, project::dependencies_with_tests(p), there))
        out.push_back(std::move(t));
    std::erase_if(out, [&](const data_test &t) {
        if (selected.count(t.node))
            return false;
        if (t.is_unit)
            return !selected.count(t.target);
        if (t.is_singular)
            return std::none_of(t.reads.begin(), t.reads.end(), [&](const auto &r) { return selected.count(r) > 0; });
        return !selected.count(t.reads.front());
    });
    return out;
}

std::vector<data_test> tests_of(const project::project &p, const std::set<std::string> &nodes, const reading &where) {
    std::vector<data_test> out = all_tests(p, project::dependencies_with_tests(p), where);
    std::erase_if(out, [&](const data_test &t) {
        return std::none_of(t.reads.begin(), t.reads.end(), [&](const auto &r) { return nodes.count(r) > 0; });
    });
    return out;
}

reading published(const project::project &p) {
    return {[&p](const std::string &sql) {
                return registry::inline_ephemeral(p, {sql, {}}).sql;
            },
            [&p](const std::string &node) { return registry::node_exists(p, node); }};
}

data_test completed(const data_test &t, const reading &where) {
    if (t.wrong)
        throw error(*t.wrong);
    if (!t.complete)
        return t;
    data_test out = t;
    out.complete = {};
    t.complete(out, where);
    return out;
}

std::string query_of(const data_test &t, const reading &where) { return where.resolve(completed(t, where).query); }

std::vector<outcome> run_tests(const project::project &p, const std::vector<data_test> &given, const reading &where,
                               run::record &memory,
                               const std::function<void(std::size_t, const data_test &)> &progress) {
    std::vector<data_test> tests = given;
    std::vector<outcome> out(tests.size());
    std::size_t done = 0;
    std::map<std::string, std::vector<std::size_t>> tables;
    std::map<std::string, std::string> objections; // by node: most are read by several tests
    for (std::size_t i = 0; i < tests.size(); ++i) {
        for (const std::string &node : tests[i].reads)
            if (!where.exists(node)) {
                out[i].status = "skip";
                out[i].message = "\"" + node + "\" does not exist yet";
            } else {
                const auto [known, is_new] = objections.try_emplace(node);
                if (is_new)
                    known->second = objection_to(p, node);
                if (!known->second.empty()) { // an error, like SQL that is wrong
                    out[i].status = "error";
                    out[i].message = known->second;
                }
            }
        if (tests[i].wrong && out[i].status.empty()) {
            const std::string &message = tests[i].wrong->message;
            out[i].status = "error";
            out[i].message = message.starts_with(tests[i].file) ? message : tests[i].file + ": " + message;
        }
        complete(tests[i], out[i], where);
        out[i].sides = tests[i].sides;
        if (out[i].status.empty() && !tests[i].condition.empty() && tests[i].config.fail_calc.empty())
            tables[tests[i].table].push_back(i);
    }
    for (const auto &[table, together] : tables) {
        if (progress)
            progress(done, tests[together.front()]);
        if (scan(tests, together, where, out))
            done += together.size();
    }
    const std::string samples = std::to_string(p.test_samples);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const data_test &t = tests[i];
        outcome &o = out[i];
        check_interrupts();
        stopwatch watch;
        if (o.status != "skip")
            registry::speak(t.said);
        if (o.status.empty()) {
            if (progress)
                progress(std::min(done++, tests.size() - 1), t);
            if (!surely_passes(t, where))
                find_failing(o, t, where, samples);
            judge(o, t);
        } else if (o.failures > 0) {
            attempt(o, t, where, "SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(s)) FROM (SELECT * FROM (\n",
                    ") AS failing LIMIT " + samples + ") AS s",
                    [&](const pg::result &got) { o.sample = got.at(0, 0); });
        }
        o.seconds += watch.seconds();
        memory.keep_test({t.target, t.name, t.config.severity_name(), o.status, o.failures, o.seconds, o.message,
                          o.sample.value_or("")});
    }
    return out;
}

} // namespace barometre::audit
