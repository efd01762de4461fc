#include "core/project/meltano/schedules.h"
#include "core/error.h"
#include "core/interrupts.h"

#include <algorithm>

namespace barometre::project::meltano {

namespace {

/// Meltano's own times of the intervals that barometre has at others, which are those of make_crontab.py.
const std::pair<const char *, const char *> times[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};
const std::pair<const char *, const char *> chained_times[] = {
    {"@hourly", "30 * * * *"}, {"@daily", "0 0 * * *"},  {"@weekly", "0 1 * * 0"},
    {"@monthly", "0 2 1 * *"}, {"@yearly", "0 3 1 1 *"},
};

/// The steps of a plan. What has nothing to load here is left out, and named in `left_out`.
YAML::Node steps_of(const plan &one, const made_taps &taps, std::vector<std::string> &left_out) {
    YAML::Node steps(YAML::NodeType::Sequence);
    for (const block &b : one.blocks) {
        check_interrupts();
        if (b.extractor.empty()) {
            if (b.step.size() > 0)
                steps.push_back(b.step);
            continue;
        }
        const auto of = taps.extractors.find(b.extractor);
        if (of == taps.extractors.end() || of->second.tap.empty())
            one.entry.fail(one.entry.at(), one.entry.what() + " runs \"" + b.extractor + "\", which can't be used", "",
                           "SELECT * FROM barometre.problems;  says why.");
        if (!of->second.has_files) {
            left_out.push_back(b.extractor);
            continue;
        }
        YAML::Node step(YAML::NodeType::Map);
        step["run"] = of->second.tap;
        if (!of->second.streams.empty())
            step["streams"] = of->second.streams;
        steps.push_back(step);
    }
    return steps;
}

std::string time_of(const std::string &interval, bool is_chained) {
    if (is_chained)
        for (const auto &[name, time] : chained_times)
            if (interval == name)
                return time;
    for (const auto &[name, time] : times)
        if (interval == name)
            return time;
    return interval;
}

bool waits(const std::string &interval) {
    return std::any_of(std::begin(chained_times), std::end(chained_times),
                       [&](const auto &one) { return interval == one.first; });
}

} // namespace

std::string chaining_script(const document &from) {
    const std::string prefix = from.files().folder.empty() ? "" : from.files().folder + "/";
    for (const char *folder : {"", "scripts/", "orchestrate/"})
        if (const std::string file = prefix + folder + "make_crontab.py"; from.files().is_there(file))
            return file;
    return "";
}

void make_jobs(const std::vector<plan> &plans, const made_taps &taps, bool is_chained, const std::string &timezone,
               findings &found, const one_by_one &attempt, const std::function<outcome(yaml_map &)> &read) {
    std::vector<const plan *> in_order;
    for (const plan &one : plans)
        in_order.push_back(&one);
    if (is_chained) // as that script has them: of jobs first
        std::stable_sort(in_order.begin(), in_order.end(), [](const plan *a, const plan *b) {
            const auto rank = [](const plan &p) { return p.kind == "job" ? 2 : p.names_job ? 0 : 1; };
            return rank(*a) < rank(*b);
        });
    std::map<std::string, std::string> last; // of an interval
    std::set<std::string> names;
    for (const plan *one : in_order) {
        check_interrupts();
        const place at = one->entry.at();
        if (!names.insert(one->name).second) {
            found.add({one->kind, one->name, "ignored", at, "A schedule has the same name.", true});
            continue;
        }
        YAML::Node job(YAML::NodeType::Map);
        std::vector<std::string> left_out;
        std::string after;
        const std::string time = time_of(one->interval, is_chained);
        yaml_map map(job, at.file, "job \"" + one->name + "\"", at.line);
        bool is_empty = false;
        job["name"] = one->name;
        if (!attempt("job", one->name, at, [&] {
                const YAML::Node steps = steps_of(*one, taps, left_out);
                is_empty = steps.size() == 0;
                job["steps"] = steps;
            }))
            continue;
        for (const std::string &extractor : left_out)
            found.add({"task", extractor, "left out", at,
                       "Of " + one->kind + " " + one->name + ": there is nothing of it to load here.", false});
        if (is_empty) {
            found.add({one->kind, one->name, "left out", at, "There is nothing for it to do here."});
            continue;
        }
        if (!time.empty())
            job["interval"] = time;
        if (!one->start_date.empty())
            job["start_date"] = one->start_date;
        if (is_chained && waits(one->interval) && last.count(one->interval)) {
            after = last[one->interval];
            job["after"] = after;
        }
        const outcome is = read(map);
        if (is == outcome::refused)
            continue;
        if (is_chained && waits(one->interval))
            last[one->interval] = one->name;
        if (is == outcome::overridden)
            continue;
        note said = taken(one->kind, one->name, at,
                          time.empty() ? "Job " + one->name + ", which is run by hand."
                                       : "Job " + one->name + " at " + time + " (" + timezone + ")" +
                                             (after.empty() ? "" : ", after " + after) + ".");
        if (!time.empty())
            said.change = "scheduled";
        found.add(said);
    }
}

} // namespace barometre::project::meltano
