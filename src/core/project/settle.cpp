#include "core/error.h"
#include "core/interrupts.h"
#include "core/project/dbt/names.h"
#include "core/project/dependencies.h"
#include "core/project/distribution_config.h"
#include "core/project/generic_test.h"
#include "core/project/job_config.h"
#include "core/project/model_config.h"
#include "core/project/reader.h"
#include "core/project/registered.h"
#include "core/project/scanning.h"
#include "core/project/snapshot_config.h"
#include "core/project/templates.h"
#include "core/text/hash.h"

#include <algorithm>
#include <filesystem>

/// What can be said once all files are read: what the templates refer to, and what hangs on what can't be used.
namespace barometre::project {

namespace {

bool is_node(const std::string &kind) {
    return kind == "model" || kind == "snapshot" || kind == "seed" || kind == "source";
}

} // namespace

void reader::block(const std::string &kind, const std::string &name, const std::string &file, const std::string &why,
                   bool is_cause) {
    blocked_node node{kind, name, file, folder_of(file), {}, {}, why, is_cause};
    blocked_.try_emplace(name, std::move(node));
}

void reader::refuse(const std::string &kind, const std::string &name, const place &at, const error &why) {
    for (const auto &[macro, file] : macros_lost_) {
        const std::string shown = macro.starts_with("test_") ? "unknown test \"" + macro.substr(5) + "\""
                                                             : "\"" + macro + "\" is not known here";
        if (why.message.find(shown) != std::string::npos) { // that file is the problem
            if (is_node(kind))
                block(kind, name, at.file, "it needs \"" + macro + "\" of " + file + ", which can't be read", true);
            return;
        }
    }
    const auto same = std::any_of(p_.found->problems.begin(), p_.found->problems.end(), [&](const problem &one) {
        return one.kind == kind && one.name == name && one.why.message == why.message;
    });
    if (!same)
        p_.found->problems.push_back({kind, name, place_in(why.message).value_or(at), why});
    if (is_node(kind))
        block(kind, name, at.file, why.message, true);
}

bool reader::attempt(const std::string &kind, const std::string &name, const place &at,
                     const std::function<void()> &work) {
    try {
        work();
        return true;
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        refuse(kind, name, at, e);
        return false;
    }
}

void reader::lose_all(const error &why, std::vector<yaml_map> &jobs) {
    refuse("project", p_.name, {"barometre.yml", 0}, why);
    p_.blocks_all = why;
    read_jobs(jobs, p_, [&] { read_meltano_jobs(); });
    settle_hash();
}

/// Files that can't be read have no content, and yet they make a difference.
void reader::settle_hash() {
    p_.files_hash = text::hash(everything_);
    everything_ += hashed_text(registered_);
    if (!around_.target_schema.empty())
        everything_ += around_.target_schema + '\0';
    for (const problem &one : p_.found->problems)
        everything_ += one.why.message + '\0';
    p_.hash = text::hash(everything_);
}

void reader::settle_models() {
    for (model &m : p_.models)
        attempt(m.kind(), m.name, {m.file, m.line}, [&] {
            m.date_order = p_.date_order;
            if (!blocked_.count(m.name))
                apply_config(m, template_context(p_, &m), p_.found);
        });
    set_disabled_apart(p_);
    dbt::settle_names(p_, dbt().has_value(), one_by_one());
    for (const model &m : p_.models)
        attempt(m.kind(), m.name, {m.file, m.line}, [&] {
            if (blocked_.count(m.name))
                return;
            check_materialization(m);
            if (m.is_snapshot())
                check_snapshot_config(m);
        });
    std::set<std::string> half_read;
    for (const auto &[name, node] : blocked_)
        half_read.insert(name);
    settle_distributions(p_, [&](const std::string &kind, const std::string &node, const place &at, const error &why) {
        if (kind == "stream" || !half_read.count(node))
            refuse(kind, node, at, why);
    });
    check_relations(p_, [&](const std::string &kind, const relation_node &node, const error &why) {
        refuse(kind, node.name, {node.file, node.line}, why);
    });
}

/// The tests in SQL files. What one that can't be read would have tested is blocked, as far as it can be seen.
void reader::read_singular_tests() {
    std::set<std::string> others; // that lie below the same folders
    for (const folders_of &which : {folders_of(&dbt::folders::generic_tests), folders_of(&dbt::folders::fixtures)})
        for (const std::string &file : files(which, {".sql"}))
            others.insert(file);
    for (const std::string &file : files(&dbt::folders::tests, {".sql"}, "test")) {
        if (others.count(file))
            continue;
        singular_test t;
        t.name = std::filesystem::path(file).stem().string();
        t.package = package_of(file).name;
        tests_.context = template_context(p_, nullptr, t.package);
        t.file = file;
        if (attempt("test", t.name, {file, 0}, [&] {
                t.source = text_of(file);
                bool enabled = true;
                t.config = tests_.defaults_in(file, enabled);
                if (!apply_test_config(t, tests_, enabled))
                    return;
                refuse_taken(p_, t);
                p_.tests.push_back(t);
            }))
            continue;
        for (const call &c : references_in(t.source)) {
            const bool is_source = c.function == "source";
            const std::string node = !is_source           ? c.names.back()
                                     : c.names.size() > 1 ? p_.source_node(c.names[0], c.names[1])
                                                          : "";
            if (!node.empty())
                block(is_source ? "source" : "model", node, file, "its test " + file + " can't be read", true);
        }
    }
    for (const registration &r : registered_)
        if (r.kind == "test")
            attempt("test", r.name, {r.place(), 0}, [&] { add_registered_tests(p_, {r}, tests_); });
}

void reader::read_functions() {
    for (const std::string &file : files(&dbt::folders::functions, {".sql"}))
        if (std::optional<error> lost = failure_of([&] {
                const std::string text = text_of(file);
                jinja::find_references(text, file, template_context(p_));
                p_.functions.push_back({file, text});
            })) {
            refuse("file", file, {file, 0}, *lost);
            if (!p_.blocks_all)
                p_.blocks_all = lost;
        }
    for (const std::string &file : unread_)
        for (const std::string &folder : own().folders.functions)
            if (file.starts_with(folder + "/") && !p_.blocks_all)
                p_.blocks_all.emplace(sqlstate::bad_file, file + " can't be read, and models may need it", "",
                                      "SELECT * FROM barometre.problems;  says why.");
    if (dbt()) {
        p_.on_run_start = dbt()->on_run_start;
        p_.on_run_end = dbt()->on_run_end;
    }
    for (const auto *hooks : {&p_.on_run_start, &p_.on_run_end})
        for (const hook &h : *hooks)
            if (std::optional<error> lost = failure_of([&] {
                    const std::string lines(static_cast<std::size_t>(std::max(h.at.line - 1, 0)), '\n');
                    jinja::find_references(lines + h.source, h.at.file, run_hook_context(p_));
                })) {
                refuse("hook", hooks == &p_.on_run_start ? "on-run-start" : "on-run-end", h.at, *lost);
                if (hooks == &p_.on_run_end)
                    p_.lost_hooks.push_back(*lost);
                else if (!p_.blocks_all) // models may need what it makes
                    p_.blocks_all = lost;
            }
}

std::optional<error> reader::failure_of(const std::function<void()> &work) {
    try {
        work();
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return e;
    }
    return std::nullopt;
}

/// Blocks what refers to nothing, or to what is blocked, and what reads itself.
void reader::check_references() {
    const auto judge = [&](const std::vector<std::string> &nodes) -> const blocked_node * {
        for (const std::string &node : nodes)
            if (auto found = blocked_.find(node); found != blocked_.end())
                return &found->second;
        return nullptr;
    };
    std::map<std::string, std::vector<std::string>> reads;
    for (model &m : p_.models)
        attempt(m.kind(), m.name, {m.file, m.line}, [&] {
            try {
                m.refers = references_of(p_, m);
                reads[m.name] = nodes_referred(p_, m);
            } catch (const missing_node &e) {
                const auto lost = std::find_if(properties_lost_.begin(), properties_lost_.end(), [&](const auto &one) {
                    return !e.source.empty() && one.second.find(e.source) != std::string::npos;
                });
                if (lost == properties_lost_.end())
                    throw;
                block(m.kind(), m.name, m.file,
                      e.message + "; it may be declared in " + lost->first + ", which can't be read", true);
            }
        });
    erase_if(p_.seeds, [&](const seed &s) {
        if (!s.is_only_described || std::any_of(reads.begin(), reads.end(), [&](const auto &one) {
                return std::find(one.second.begin(), one.second.end(), s.name) != one.second.end();
            }))
            return false;
        p_.found->add({"entry", s.name, "ignored", s.at,
                       "seed \"" + s.name + "\" has no file in the project, and no model reads it.", true});
        return true;
    });
    for (bool more = true; more;) {
        more = false;
        check_interrupts();
        for (const model &m : p_.models)
            if (!blocked_.count(m.name))
                if (const blocked_node *input = judge(reads[m.name])) {
                    block(m.kind(), m.name, m.file, "it reads \"" + input->name + "\", which is blocked", false);
                    more = true;
                }
    }
    for (auto &[name, node] : blocked_)
        if (auto known = reads.find(name); known != reads.end())
            node.reads = known->second;
}

reader::fate reader::judge_test(const std::string &kind, const std::string &test, const place &at,
                                const std::function<std::vector<std::string>()> &reads) {
    fate out = fate::unread;
    const auto skip = [&](const std::string &why) {
        p_.found->add({kind, test, "skipped", at, why, true});
        out = fate::left_out;
    };
    attempt(kind, test, at, [&] {
        try {
            const std::vector<std::string> nodes = reads();
            const auto blocked =
                std::find_if(nodes.begin(), nodes.end(), [&](const auto &node) { return p_.find_blocked(node); });
            out = fate::stays;
            if (blocked != nodes.end())
                skip("It reads \"" + *blocked + "\", which is blocked.");
        } catch (const missing_node &e) {
            skip(e.message + ".");
        }
    });
    return out;
}

void reader::check_tests() {
    const auto check = [&](const std::string &kind, const std::string &node, std::vector<generic_test> &tests) {
        std::erase_if(tests, [&](generic_test &t) {
            const fate found = judge_test("test", node + "." + t.name, t.at, [&] {
                find_test_reads(p_, t);
                return t.reads;
            });
            if (found == fate::unread)
                block(kind, node, t.at.file, "its test \"" + t.name + "\" can't be read", true);
            return found == fate::left_out;
        });
    };
    const auto check_all = [&](const std::string &kind, const std::string &node, auto &table) {
        check(kind, node, table.tests);
        for (column &c : table.columns)
            check(kind, node, c.tests);
    };
    for (tap &t : p_.taps)
        for (stream &s : t.streams) {
            check_all("stream", s.tap + "." + s.name, s);
            for (column &c : s.documented)
                check("stream", s.tap + "." + s.name, c.tests);
        }
    for (source_table &s : p_.sources)
        check_all("source", s.node(), s);
    for (seed &s : p_.seeds)
        check_all("seed", s.name, s);
    for (model &m : p_.models)
        check_all(m.kind(), m.name, m);
    std::erase_if(p_.tests, [&](const singular_test &t) {
        return judge_test("test", t.name, {t.file, 0}, [&] { return nodes_referred(p_, t); }) != fate::stays;
    });
    check_unit_tests();
}

void reader::set_blocked_apart() {
    const auto is_blocked = [&](const std::string &name) { return blocked_.count(name) > 0; };
    for (const model &m : p_.models)
        if (auto node = blocked_.find(m.name); node != blocked_.end()) {
            node->second.kind = m.kind();
            node->second.file = m.file;
            node->second.folder = m.folder;
            node->second.tags = m.tags;
        }
    for (const seed &s : p_.seeds)
        if (auto node = blocked_.find(s.name); node != blocked_.end()) {
            node->second.kind = "seed";
            node->second.file = s.file;
            node->second.folder.clear();
        }
    const auto set_apart = [&](auto &from, auto &into, const auto &is_one) {
        const auto first =
            std::stable_partition(from.begin(), from.end(), [&](const auto &one) { return !is_one(one); });
        into.insert(into.end(), std::make_move_iterator(first), std::make_move_iterator(from.end()));
        from.erase(first, from.end());
    };
    set_apart(p_.models, p_.blocked_models, [&](const model &m) { return is_blocked(m.name); });
    set_apart(p_.seeds, p_.blocked_seeds, [&](const seed &s) { return is_blocked(s.name); });
    set_apart(p_.sources, p_.blocked_sources, [&](const source_table &s) { return is_blocked(s.node()); });
    p_.blocked.clear();
    for (const auto &[name, node] : blocked_)
        if (const std::size_t dot = name.find('.'); // a stream is loaded nevertheless
            dot == std::string::npos || !p_.find_stream(name.substr(0, dot), name.substr(dot + 1)))
            p_.blocked.push_back(node);
}

void reader::finish() {
    settle_models();
    read_singular_tests();
    read_functions();
    set_blocked_apart();
    add_discovered_sources(p_);
    check_references();
    set_blocked_apart();
    drop_repeated_tests(p_);
    const std::size_t before = blocked_.size();
    check_tests();
    if (blocked_.size() != before) { // by tests that can't be read
        check_references();
        set_blocked_apart();
        check_tests();
    }
    block_circles(p_);
    settle_hash();
}

} // namespace barometre::project
