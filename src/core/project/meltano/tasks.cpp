#include "core/project/meltano/tasks.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/name/column_name.h"
#include "core/name/nearest.h"

#include <algorithm>
#include <sstream>

namespace barometre::project::meltano {

namespace {

std::vector<std::string> words_of(const std::string &text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string word; in >> word;) {
        for (const char quote : {'"', '\''}) // as a shell would take them off
            if (word.size() > 1 && word.front() == quote && word.back() == quote)
                word = word.substr(1, word.size() - 2);
        out.push_back(word);
    }
    return out;
}

/// Commands that prepare or look at something, and build nothing.
bool builds_nothing(const std::string &command) {
    static const std::set<std::string> some{"deps", "clean", "debug", "compile",  "docs-generate", "docs",
                                            "list", "ls",    "parse", "describe", "initialize",    "clone"};
    return some.count(command) > 0;
}

/// Reads the options of a command line of dbt's into a step.
void read_options(const std::vector<std::string> &words, std::size_t at, const std::string &key, YAML::Node &step,
                  const plugin &p, findings &found) {
    std::string selection, exclude;
    while (at < words.size()) {
        const std::string option = words[at++];
        const bool selects =
            option == "--select" || option == "-s" || option == "--models" || option == "-m" || option == "--selector";
        if (selects || option == "--exclude") {
            std::string &into = selects ? selection : exclude;
            for (; at < words.size() && !words[at].starts_with('-'); ++at)
                into += (into.empty() ? "" : " ") + words[at];
        } else if (option == "--full-refresh" || option == "-f") {
            step["full_refresh"] = "true";
        } else {
            found.add({"option", option, "ignored", p.at, "Of the commands of " + p.name + "."});
            while (at < words.size() && !words[at].starts_with('-'))
                ++at;
        }
    }
    if (!selection.empty())
        step[key] = selection;
    if (!exclude.empty() && key == "transform")
        step["exclude"] = exclude;
}

class plans {
public:
    plans(const document &from, bool has_dbt, findings &found) : from_(from), has_dbt_(has_dbt), found_(found) {}

    /// The tasks of a job: a text, a list of texts, or a list of such lists.
    std::vector<block> read_tasks(yaml_map &job) {
        std::vector<std::string> words;
        const auto add = [&](const YAML::Node &task) {
            if (!task.IsScalar())
                job.fail(job.at(task), "a task of " + job.what() + " must be a text");
            for (std::string &word : words_of(task.Scalar()))
                words.push_back(std::move(word));
        };
        if (!job.has("tasks"))
            job.fail(job.at(), job.what() + " lacks the key \"tasks\"");
        const YAML::Node tasks = job.raw("tasks");
        if (tasks.IsScalar())
            add(tasks);
        for (const auto &task : tasks) {
            if (!task.IsSequence()) {
                add(task);
                continue;
            }
            for (const auto &word : task)
                add(word);
        }
        return blocks_of(words, job);
    }

    std::vector<block> blocks_of(const std::vector<std::string> &words, const yaml_map &in) {
        std::vector<block> out;
        std::optional<block> open;
        for (const std::string &word : words) {
            check_interrupts();
            const std::string name = word.substr(0, word.find(':'));
            const plugin *p = from_.find(name);
            const bool is_command = name.size() < word.size();
            if (!open && p && p->kind == "extractors" && !is_command) {
                open.emplace().extractor = word;
            } else if (open && find_mapping(from_, word).IsDefined()) {
                open->mappings.push_back(word);
            } else if (open && p && p->kind == "loaders" && !is_command) {
                open->loader = word;
                out.push_back(std::move(*open));
                open.reset();
            } else if (!open && p && is_dbt(*p)) {
                out.push_back({{}, {}, {}, dbt_step(*p, is_command ? word.substr(name.size() + 1) : "run", in)});
            } else {
                fail(word, name, p, open.has_value(), in);
            }
        }
        if (open)
            in.fail(in.at(), in.what() + " has no loader after \"" + open->extractor + "\"");
        return out;
    }

    YAML::Node dbt_step(const plugin &p, const std::string &command, const yaml_map &in) {
        YAML::Node step(YAML::NodeType::Map);
        std::vector<std::string> words{command};
        std::string models = text_of(p.config["models"]);
        if (const YAML::Node said = p.commands[command]; said.IsDefined()) {
            words = words_of(from_.filled(text_of(said.IsMap() ? said["args"] : said), p.at));
            models.clear();
        }
        const auto word = std::find_if(words.begin(), words.end(), [](const auto &w) { return !w.starts_with('-'); });
        const std::string does = word == words.end() ? "" : *word;
        if (builds_nothing(does))
            return step;
        const std::string key =
            does == "run" || does == "build" || does == "snapshot"                                    ? "transform"
            : does == "seed"                                                                          ? "seed"
            : does == "test" || does == "freshness" || does == "source" || does == "source-freshness" ? "test"
                                                                                                      : "";
        if (key.empty())
            in.fail(in.at(), in.what() + " runs \"" + p.name + ":" + command + "\", which is not known here",
                    "Known are run, build, seed, snapshot and test, and commands of the plugin that begin with them.",
                    "Write the job in barometre.yml, by the same name: it is taken in the place of this one.");
        if (!has_dbt_) {
            found_.add({"task", p.name + ":" + command, "left out", in.at(), "There is no dbt project.", true});
            return step;
        }
        step[key] = does == "snapshot"                      ? "resource_type:snapshot"
                    : key == "transform" && !models.empty() ? from_.filled(models, p.at)
                                                            : "*";
        if (word != words.end() && word + 1 != words.end() && does != "source")
            read_options(words, static_cast<std::size_t>(word + 1 - words.begin()), key, step, p, found_);
        return step;
    }

    static std::string text_of(const YAML::Node &node) {
        return node.IsDefined() && node.IsScalar() ? node.Scalar() : "";
    }

    /// Meltano's names may have what those of jobs may not.
    static plan plan_of(yaml_map &entry, const std::string &kind) {
        return {.name = plain_name(entry.text("name"), '-'),
                .kind = kind,
                .interval = {},
                .start_date = {},
                .blocks = {},
                .entry = entry};
    }

    plan read_job(yaml_map &entry) {
        plan out = plan_of(entry, "job");
        out.blocks = read_tasks(entry);
        return out;
    }

    plan read_schedule(yaml_map &entry) {
        plan out = plan_of(entry, "schedule");
        out.interval = entry.text("interval", "");
        if (out.interval == "@once" || out.interval == "@none" || out.interval == "@manual" ||
            out.interval == "@adhoc" || out.interval == "None")
            out.interval.clear();
        out.start_date = entry.text("start_date", "").substr(0, 10);
        if (entry.has("job")) {
            out.names_job = true;
            const std::string name = entry.text("job");
            const auto &jobs = from_.entries("jobs");
            const auto job =
                std::find_if(jobs.begin(), jobs.end(), [&](yaml_map one) { return one.text("name") == name; });
            if (job == jobs.end())
                entry.fail(entry.at("job"), entry.what() + " names the job \"" + name + "\", which is not there");
            yaml_map tasks = *job;
            out.blocks = read_tasks(tasks);
            return out;
        }
        const std::string transform = entry.text("transform", "skip");
        if (transform != "only")
            out.blocks = blocks_of({entry.text("extractor"), entry.text("loader")}, entry);
        if (transform == "skip")
            return out;
        if (transform != "run" && transform != "only")
            entry.fail(entry.at("transform"), "key \"transform\" can't be \"" + transform + "\"", "",
                       "Valid values are run, only and skip.");
        for (const plugin &p : from_.plugins())
            if (is_dbt(p)) {
                out.blocks.push_back({{}, {}, {}, dbt_step(p, "run", entry)});
                return out;
            }
        entry.fail(entry.at("transform"), entry.what() + " transforms, and there is no transformer");
    }

private:
    [[noreturn]] void fail(const std::string &word, const std::string &name, const plugin *p, bool open,
                           const yaml_map &in) {
        if (!p) {
            std::vector<std::string> known;
            for (const plugin &one : from_.plugins())
                known.push_back(one.name);
            const std::string near = name::nearest(name, known);
            in.fail(in.at(), in.what() + " names \"" + word + "\", which is no plugin or mapping that can be used", "",
                    near.empty() ? "" : "Did you mean \"" + near + "\"?");
        }
        in.fail(in.at(),
                in.what() + " runs \"" + word + "\"" +
                    (open                   ? " between an extractor and a loader"
                     : p->kind == "loaders" ? " without an extractor before it"
                                            : ", which does not run here"),
                "It is one of the " + p->kind + " of Meltano.",
                "Run it elsewhere, and write the job in barometre.yml, by the same name: it is taken in the place of "
                "this one.");
    }

    const document &from_;
    bool has_dbt_;
    findings &found_;
};

} // namespace

bool is_dbt(const plugin &p) {
    return (p.kind == "transformers" || p.kind == "utilities") &&
           (p.base.starts_with("dbt") || p.name.starts_with("dbt"));
}

YAML::Node find_mapping(const document &from, const std::string &name) {
    for (const plugin &p : from.plugins())
        if (p.kind == "mappers") {
            yaml_map entry = p.entry;
            for (const YAML::Node &item : entry.items("mappings")) {
                yaml_map one = entry.named(item, "mapping");
                if (one.text("name") == name)
                    return one.map("config", "the config of " + one.what())
                        .map("stream_maps", "the stream_maps of " + one.what())
                        .node();
            }
        }
    return YAML::Node(YAML::NodeType::Undefined);
}

std::vector<plan> read_plans(const document &from, bool has_dbt, findings &found, const one_by_one &attempt) {
    plans reading(from, has_dbt, found);
    std::vector<plan> out;
    for (const char *key : {"schedules", "jobs"})
        for (yaml_map entry : from.entries(key)) {
            const bool is_job = key == std::string("jobs");
            attempt("job", entry.text("name"), entry.at(),
                    [&] { out.push_back(is_job ? reading.read_job(entry) : reading.read_schedule(entry)); });
        }
    return out;
}

} // namespace barometre::project::meltano
