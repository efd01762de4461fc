#include "registry/registration.h"
#include "core/name/nearest.h"
#include "core/project/dependencies.h"
#include "core/project/registered.h"
#include "core/text/text.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/relations.h"
#include "registry/compile.h"
#include "registry/registry.h"

#include <algorithm>

namespace barometre::registry {

namespace {

/// One session at a time changes what is registered, and sees what the others committed.
void begin_change() {
    pg::wait_for_name("registry", "");
    pg::point("register.locked");
}

/// Refuses who has neither the privileges of the role that registered it, nor is the project's owner. A role that is
/// gone has no say any more. `owner`: its OID as text; empty: not known.
void check_owner(const project::registration &r, const std::string &owner, pg::oid project_owner, pg::oid caller) {
    if (owner.empty() || caller == project_owner)
        return;
    const pg::oid role = static_cast<pg::oid>(std::stoul(owner));
    const std::string name = pg::role_name(role);
    if (!name.empty() && !pg::has_privileges_of(caller, role))
        throw error("42501", "permission denied for " + r.place(),
                    "It was registered by role \"" + name + "\", whose privileges role \"" + pg::role_name(caller) +
                        "\" does not have.",
                    "Let that role do it, or the owner of the project.");
}

void record_owner(const project::registration &r, pg::oid owner) {
    pg::sql("INSERT INTO barometre_internal.registered_by (kind, name, owner) VALUES ($1, $2, $3::oid::regrole) ON "
            "CONFLICT (kind, name) DO UPDATE SET owner = excluded.owner",
            {r.kind, r.name, std::to_string(owner)});
}

/// What was registered under that name: its query, options and the OID of the role. No rows: nothing.
pg::result find_registered(const std::string &kind, const std::string &name) {
    return pg::sql(
        "SELECT coalesce(r.query, ''), r.options::text, b.owner::oid::text FROM barometre_internal.registered r "
        "LEFT JOIN barometre_internal.registered_by b USING (kind, name) WHERE r.kind = $1 AND r.name = $2",
        {kind, name});
}

void add_generic_tests(const std::string &what, const std::vector<project::generic_test> &tests,
                       const std::string &node, std::vector<std::string> &out) {
    for (const project::generic_test &t : tests)
        if (std::find(t.reads.begin(), t.reads.end(), node) != t.reads.end())
            out.push_back("test \"" + t.name + "\" of " + what + " (" + t.at.text() + ")");
}

template <class Described>
void add_generic_tests(const std::string &what, const Described &d, const std::string &node,
                       std::vector<std::string> &out) {
    add_generic_tests(what, d.tests, node, out);
    for (const project::column &c : d.columns)
        add_generic_tests(what + ", column \"" + c.name + "\"", c.tests, node, out);
}

/// What refers to a node, in words: by ref() or source(), by its name in SQL, or in a test.
std::vector<std::string> referring(const project::project &p, const std::string &node) {
    std::vector<std::string> out;
    const graph::dag nodes = project::dependencies_with_tests(p);
    for (const std::string &reader : nodes.children(node)) {
        const project::model *m = p.find_model(reader);
        out.push_back(
            project::described((m ? m->kind() : "test") + " \"" + reader + "\"", project::holder_of(p, reader), 0));
    }
    for (const project::model &m : p.models)
        if (m.name != node)
            add_generic_tests(m.kind() + " \"" + m.name + "\"", m, node, out);
    for (const project::seed &s : p.seeds)
        add_generic_tests("seed \"" + s.name + "\"", s, node, out);
    for (const project::tap &t : p.taps)
        for (const project::stream &s : t.streams)
            if (t.name + "." + s.name != node)
                add_generic_tests("stream \"" + t.name + "." + s.name + "\"", s, node, out);
    return out;
}

void refuse_while_needed(const project::project &p, const project::registration &r) {
    std::string list;
    for (const std::string &one : referring(p, r.name))
        text::append(list, one);
    if (!list.empty())
        throw error(sqlstate::bad_graph, "can't unregister " + r.kind + " \"" + r.name + "\": others refer to it",
                    "They are " + list + ".", "Change, remove or unregister them first.");
}

} // namespace

void tell_what_stays(const std::string &schema, const std::string &name) {
    const char kind = pg::relation_kind(schema, name);
    if (!kind)
        return;
    const std::string relation = pg::qualified(schema, name);
    pg::notice(std::string(pg::kind_name(kind)) + " " + relation + " stays",
               std::string("If nobody needs it: DROP ") + pg::sql_kind(kind) + " " + relation + ";");
}

std::vector<project::registration> registered_things() {
    std::vector<project::registration> out;
    auto found = pg::sql("SELECT kind, name, query, options::text FROM barometre_internal.registered ORDER BY kind "
                         "COLLATE \"C\", name COLLATE \"C\"");
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.push_back({found.text(i, 0), found.text(i, 1), found.text(i, 2), found.text(i, 3)});
    const auto discovered =
        pg::sql("SELECT b.tap || '.' || b.stream FROM barometre.bookmark b WHERE EXISTS (SELECT FROM barometre.file f "
                "WHERE f.tap = b.tap AND f.stream = '*') ORDER BY 1");
    for (std::size_t i = 0; i < discovered.rows.size(); ++i)
        out.push_back({"discovered", discovered.text(i, 0), "", ""});
    return out;
}

std::string register_thing(const project::registration &r) {
    project::check_registered(r);
    begin_change();
    const pg::oid caller = pg::current_role();
    const recorded_project recorded = find_project(caller);
    const std::string change = pg::as_extension([&]() -> std::string {
        auto before = find_registered(r.kind, r.name);
        if (before.empty()) {
            pg::sql("INSERT INTO barometre_internal.registered (kind, name, query, options, registered_at) VALUES ($1, "
                    "$2, $3, $4::jsonb, clock_timestamp())",
                    {r.kind, r.name, r.kind == "stream" ? pg::cell() : pg::cell(r.query), r.options});
            record_owner(r, caller);
            return "added";
        }
        check_owner(r, before.text(0, 2), recorded.owner, caller);
        if (!before.at(0, 2) || pg::role_name(static_cast<pg::oid>(std::stoul(before.text(0, 2)))).empty())
            record_owner(r, caller);
        if (before.text(0, 0) == r.query && before.text(0, 1) == r.options)
            return "unchanged";
        pg::sql("UPDATE barometre_internal.registered SET query = $3, options = $4::jsonb, registered_at = "
                "clock_timestamp() WHERE kind = $1 AND name = $2",
                {r.kind, r.name, r.kind == "stream" ? pg::cell() : pg::cell(r.query), r.options});
        return "changed";
    });
    // What is wrong with it is an error, which takes the rows back.
    const loaded_project loaded = load_project({.registering = r.place()});
    project::dependencies_with_tests(loaded.definition).order(); // circles by names in SQL
    return change;
}

void unregister_thing(const std::string &kind, const std::string &name) {
    begin_change();
    const pg::oid caller = pg::current_role();
    recorded_project recorded = find_project(caller);
    const project::registration gone{kind, name, "", ""};
    std::optional<project::project> before;
    std::vector<std::string> known;
    for (const project::registration &r : recorded.registered)
        if (r.kind == kind)
            known.push_back(r.name);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string near = name::nearest(name, known);
        throw error(sqlstate::unknown_name, "no " + kind + " \"" + name + "\" is registered", "",
                    !near.empty() ? "Did you mean \"" + near + "\"?" : "SELECT * FROM baro_export(); gives what is.");
    }
    pg::as_extension([&] { check_owner(gone, find_registered(kind, name).text(0, 2), recorded.owner, caller); });
    std::shared_ptr<const file::root> folder;
    try {
        folder = open_folder(recorded);
        before = read_files(folder, recorded, recorded.owner);
    } catch (const error &) { // it may be what is wrong; then nothing can be said of what needs it
    }
    if (before) {
        find_reads(*before);
        refuse_while_needed(*before, gone);
    }
    pg::as_extension([&] {
        for (const char *table : {"registered", "registered_by"})
            pg::sql("DELETE FROM barometre_internal." + std::string(table) + " WHERE kind = $1 AND name = $2",
                    {kind, name});
    });
    std::optional<error> failure;
    std::erase_if(recorded.registered,
                  [&](const project::registration &r) { return r.kind == kind && r.name == name; });
    if (!before)
        try {
            read_files(folder ? folder : open_folder(recorded), recorded, recorded.owner);
        } catch (const error &e) {
            failure = e;
        }
    if (failure)
        pg::warning("the project is not valid without it either: " + failure->message, failure->hint, failure->detail);
    else
        load_project({.folder = folder});
    if (kind == "stream")
        tell_what_stays(name.substr(0, name.find('.')), name.substr(name.find('.') + 1));
    else if (const project::model *m = before ? before->find_model(name) : nullptr; m && kind == "model")
        tell_what_stays(m->schema, m->relation());
}

} // namespace barometre::registry
