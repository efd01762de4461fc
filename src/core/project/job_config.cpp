#include "core/project/job_config.h"
#include "core/error.h"
#include "core/json/writer.h"
#include "core/name/column_name.h"
#include "core/name/nearest.h"
#include "core/project/amount.h"
#include "core/project/dependencies.h"
#include "core/project/job_step_config.h"
#include "core/project/templates.h"
#include "core/schedule/cron_expression.h"
#include "core/text/ascii.h"

#include <algorithm>
#include <charconv>

namespace barometre::project {

namespace {

/// What is left of a name when all that may not be in a job's is changed or taken out; '-' may.
std::string proper_job_name(const std::string &name) {
    std::string out;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t dash = std::min(name.find('-', at), name.size());
        out += (at ? "-" : "") + name::column_name(name.substr(at, dash - at));
        at = dash + 1;
    }
    out.erase(0, out.find_first_not_of("-0123456789"));
    return out;
}

void check_job_name(const yaml_map &map, const std::string &name) {
    if (name.empty() || name.size() > 63)
        map.fail(map.at(), "job name \"" + name + "\" must have 1 to 63 bytes");
    if (const std::string better = proper_job_name(name); better != name)
        map.fail(map.at(),
                 "job name \"" + name +
                     "\" must consist of lower-case letters, digits, \"-\" and \"_\", and begin with a letter or \"_\"",
                 "", better.empty() ? "" : "Use \"" + better + "\".");
}

std::string read_interval(yaml_map &map) {
    const std::string interval = map.text("interval");
    try {
        schedule::parse_interval(interval);
    } catch (const error &e) {
        map.fail(map.at("interval"), e.message, e.detail, e.hint);
    }
    return interval;
}

std::chrono::year_month_day read_start_date(yaml_map &map) {
    const std::string text = map.text("start_date");
    auto number = [&](std::size_t at, std::size_t digits) {
        int n = -1;
        const char *begin = text.data() + at, *end = begin + digits;
        return std::from_chars(begin, end, n).ptr == end ? n : -1;
    };
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
        const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
        const auto date = std::chrono::year(year) / month / day;
        if (year > 0 && month > 0 && day > 0 && date.ok())
            return date;
    }
    map.fail(map.at("start_date"), "key \"start_date\" must be a date such as 2010-01-31", "It is \"" + text + "\".");
}

/// `retries: 2`, or `retries: {count: 2, delay: 5 min}`.
void read_retries(yaml_map &map, job &j) {
    constexpr int most = 100;
    auto check = [&](const place &where, const std::string &key) {
        if (j.retries > most)
            map.fail(where, "key \"" + key + "\" must be at most " + std::to_string(most),
                     "It is " + std::to_string(j.retries) + ".");
    };
    if (!map.raw("retries").IsMap()) {
        j.retries = map.integer("retries", 0);
        return check(map.at("retries"), "retries");
    }
    yaml_map retries = map.map("retries", "the retries of " + map.what());
    if (!retries.has("count"))
        retries.fail(map.at("retries"), retries.what() + " lack the key \"count\"");
    j.retries = retries.integer("count", 0);
    check(retries.at("count"), "count");
    if (retries.has("delay"))
        j.retry_delay = read_duration(retries, "delay");
    retries.finish();
}

void read_steps(yaml_map &map, const project &p, job &j) {
    if (!map.has("steps"))
        map.fail(map.at(), map.what() + " lacks the key \"steps\"", "",
                 "For example: steps: [{run: '*'}, {transform: '*'}, {test: '*'}]");
    const YAML::Node list = map.raw("steps");
    if (!list.IsSequence() || list.size() == 0)
        map.fail(map.at("steps"), "key \"steps\" must be a list of at least one step", "",
                 "For example: steps: [{run: '*'}, {transform: '*'}, {test: '*'}]");
    for (const auto &item : list) {
        yaml_map step = map.inner(item, "step " + std::to_string(j.steps.size() + 1) + " of " + map.what());
        j.steps.push_back(read_step(step, p));
    }
}

/// Below the folder of pages, and nowhere else: links are looked at when it is written.
void check_page_file(const yaml_map &map, const place &where, const std::string &file) {
    if (std::any_of(file.begin(), file.end(), text::is_control))
        map.fail(where, "there is a control character in the name of the page's file");
    bool leads_out = file.empty() || file.front() == '/' || file.back() == '/';
    for (std::size_t begin = 0; begin <= file.size();) {
        const std::size_t end = std::min(file.find('/', begin), file.size());
        leads_out |= file.compare(begin, end - begin, "..") == 0 || file.compare(begin, end - begin, ".") == 0;
        begin = end + 1;
    }
    if (leads_out)
        map.fail(where, "the page's file must lie below barometre.page_directory", "It is \"" + file + "\".",
                 "Give a name, or a path without \"..\" below that folder, such as  page: etat.html");
    if (const std::string name = file.substr(file.rfind('/') + 1); name.size() > 250)
        map.fail(where, "the name of the page's file must have at most 250 bytes",
                 "It has " + std::to_string(name.size()) + ".");
}

/// `page: etat.html`, or `page: {file: etat.html, lang: fr, audience: a_role}`.
void read_page(yaml_map &map, job &j) {
    j.page.emplace();
    if (!map.raw("page").IsMap()) {
        j.page->file = map.text("page");
        return check_page_file(map, map.at("page"), j.page->file);
    }
    yaml_map page = map.map("page", "the page of " + map.what());
    j.page->file = page.text("file");
    check_page_file(page, page.at("file"), j.page->file);
    j.page->lang = page.choice("lang", {"en", "fr"}, "en");
    j.page->audience = page.text("audience", "");
    page.finish();
}

job read_job(yaml_map &map, const project &p) {
    job j;
    j.name = map.text("name");
    j.at = map.at();
    check_job_name(map, j.name);
    j.description = map.text("description", "");
    if (map.has("interval"))
        j.interval = read_interval(map);
    j.timezone = map.text("timezone", p.timezone);
    j.timezone_at = map.at("timezone");
    j.enabled = map.boolean("enabled", true);
    if (map.has("start_date"))
        j.start_date = read_start_date(map);
    j.after = map.text("after", "");
    j.skips_failures = read_skips_failures(map);
    if (map.has("retries"))
        read_retries(map, j);
    if (map.has("timeout"))
        j.timeout = read_positive_duration(map, "timeout");
    if (map.has("on_failure_sql"))
        j.on_failure_sql = read_sql(map, "on_failure_sql");
    if (map.has("page"))
        read_page(map, j);
    read_steps(map, p, j);
    map.finish();
    return j;
}

/// Each job waits for one other at most, so that going on from job to job either ends or comes back.
void check_after(const yaml_map &map, const project &p, const job &j) {
    auto fail = [&](const std::string &message, const std::string &hint) {
        map.fail(map.at("after"), message, "", hint);
    };
    if (j.after == j.name)
        fail("job \"" + j.name + "\" can't wait for itself", "Remove the key \"after\", or name another job.");
    std::string way = j.name;
    const job *other = &j;
    for (std::size_t i = 0; i <= p.jobs.size() && !other->after.empty(); ++i) {
        const std::string &next = other->after;
        way += " -> " + next;
        if (next == j.name)
            fail("the jobs wait for each other in a circle: " + way, "Remove one of their keys \"after\".");
        other = p.find_job(next);
        if (other)
            continue;
        if (i > 0) // it is the other job that names what is not there
            return;
        std::vector<std::string> known;
        for (const job &one : p.jobs)
            if (one.name != j.name)
                known.push_back(one.name);
        const std::string near = name::nearest(next, known);
        fail("job \"" + j.name + "\" waits for \"" + next + "\", which is no job",
             near.empty() ? "Correct the name, or add the job." : "Did you mean \"" + near + "\"?");
    }
}

} // namespace

void add_job(yaml_map &map, project &p) {
    const job j = read_job(map, p);
    check_after(map, p, j);
    p.jobs.push_back(j);
}

void read_jobs(std::vector<yaml_map> &jobs, project &p, const std::function<void()> &read_others) {
    for (yaml_map &map : jobs) {
        job j = read_job(map, p);
        if (const job *other = p.find_job(j.name))
            map.fail(j.at, map.what() + " is there twice", "It was found before in " + other->at.text() + ".",
                     "Rename or remove one of them.");
        p.jobs.push_back(std::move(j));
    }
    read_others();
    for (std::size_t i = 0; i < jobs.size(); ++i)
        check_after(jobs[i], p, p.jobs[i]);
}

void check_selections(const project &p) {
    std::optional<graph::traits> known;
    std::optional<graph::dag> of_models, with_tests;
    for (const job &j : p.jobs)
        for (const job_step &s : j.steps) {
            const bool transforms = s.kind == step_kind::transform;
            if ((!transforms && s.kind != step_kind::test) || (s.selection == "*" && s.exclude.empty()))
                continue;
            if (!known)
                known = traits_of(p);
            try {
                std::optional<graph::dag> &nodes = transforms ? of_models : with_tests;
                if (!nodes)
                    nodes = transforms ? dependencies(p) : dependencies_with_all_tests(p);
                graph::select_nodes(*nodes, *known, s.selection, s.exclude);
            } catch (const error &e) {
                const error why(sqlstate::project_invalid, s.at.text() + ": " + e.message, e.detail, e.hint);
                if (e.is_intervention() || s.at.file == "barometre.yml")
                    throw why;
                p.found->problems.push_back({"job", j.name, s.at, why}); // of another program's file: one among others
            }
        }
}

std::string job_page::text() const {
    return json::object().add("file", file).add("lang", lang).add_some("audience", audience).text();
}

std::string job::definition() const {
    char day[16] = "";
    if (start_date)
        std::snprintf(day, sizeof day, "%04d-%02u-%02u", static_cast<int>(start_date->year()),
                      static_cast<unsigned>(start_date->month()), static_cast<unsigned>(start_date->day()));
    json::array all_steps;
    for (const job_step &s : steps)
        all_steps.raw(step_text(s));
    json::object out;
    out.add_or_null("description", description)
        .add_or_null("interval", interval)
        .add("timezone", timezone)
        .add("enabled", enabled);
    out.add_or_null("start_date", day).add_or_null("after", after).add("on_failure", skips_failures ? "skip" : "stop");
    out.raw("retries", json::object().add("count", retries).add("delay", duration_text(retry_delay)).text());
    out.add_or_null("timeout", timeout ? duration_text(timeout) : "").add_or_null("on_failure_sql", on_failure_sql);
    if (page)
        out.raw("page", page->text());
    out.raw("steps", all_steps.text());
    return out.text();
}

} // namespace barometre::project
