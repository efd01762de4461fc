#include "pg/claim.h"
#include "core/project/schema_use.h"
#include "pg/catalog_look.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/relations.h"
#include "pg/spi.h"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "nodes/makefuncs.h"
#include "utils/acl.h"
}

namespace barometre::pg {

std::string trusts(const std::string &role, const std::string &writer) {
    // Nobody is granted pg_database_owner: its only member is the owner.
    return "pg_catalog.pg_has_role(CASE WHEN " + role +
           " = pg_catalog.to_regrole('pg_database_owner')::oid THEN (SELECT d.datdba FROM pg_catalog.pg_database d "
           "WHERE d.datname = pg_catalog.current_database()) ELSE " +
           role + " END, " + writer + ", 'USAGE')";
}

namespace {

[[noreturn]] void belongs_to(const std::string &what, const std::string &owner, const std::string &kind,
                             const std::string &quoted) {
    const std::string me = role_name(current_role());
    throw error("42501", what + " belongs to role \"" + owner + "\"",
                "That role doesn't have the privileges of role \"" + me +
                    "\", with which all would run that it prepared there.",
                "If it is meant for this project, as a superuser: ALTER " + kind + " " + quoted + " OWNER TO " +
                    quote_identifier(me) + ";");
}

/// Runs as the extension's owner: what it compares must be what the server's own operators say.
template <class... Parameters> result look(const std::string &statement, Parameters... parameters) {
    const std::string me = std::to_string(current_role());
    return as_extension([&] { return sql_now(statement, {me, parameters...}); });
}

constexpr char family[] =
    "WITH RECURSIVE family(oid) AS (SELECT $2::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i "
    "JOIN family f ON i.inhparent = f.oid) ";

/// All that runs when one of the family is written, each with the function, operator or type that it needs.
std::string strangers() {
    return std::string(family) +
           ", attached(relation, what, name, classid, objid) AS ("
           "SELECT t.tgrelid, 'TRIGGER', t.tgname::text, 'pg_trigger'::regclass::oid, t.oid FROM pg_trigger t "
           "JOIN family f ON f.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' "
           "UNION ALL "
           "SELECT d.adrelid, 'DEFAULT', a.attname::text, 'pg_attrdef'::regclass::oid, d.oid FROM pg_attrdef d "
           "JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum JOIN family f ON f.oid = d.adrelid "
           "UNION ALL "
           "SELECT c.conrelid, 'CONSTRAINT', c.conname::text, 'pg_constraint'::regclass::oid, c.oid FROM pg_constraint "
           "c "
           "JOIN family f ON f.oid = c.conrelid UNION ALL "
           "SELECT p.polrelid, 'POLICY', p.polname::text, 'pg_policy'::regclass::oid, p.oid FROM pg_policy p "
           "JOIN family f ON f.oid = p.polrelid UNION ALL "
           "SELECT r.ev_class, 'RULE', r.rulename::text, 'pg_rewrite'::regclass::oid, r.oid FROM pg_rewrite r "
           "JOIN family f ON f.oid = r.ev_class JOIN pg_class c ON c.oid = r.ev_class WHERE c.relkind NOT IN ('v', "
           "'m') UNION ALL "
           "SELECT i.indrelid, 'INDEX', c.relname::text, 'pg_class'::regclass::oid, i.indexrelid FROM pg_index i "
           "JOIN pg_class c ON c.oid = i.indexrelid JOIN family f ON f.oid = i.indrelid), "
           "needed(relation, what, name, owner) AS ("
           "SELECT a.relation, a.what, a.name, p.proowner FROM attached a "
           "JOIN pg_depend d ON d.classid = a.classid AND d.objid = a.objid AND d.refclassid = 'pg_proc'::regclass "
           "JOIN pg_proc p ON p.oid = d.refobjid UNION ALL "
           "SELECT a.relation, a.what, a.name, p.proowner FROM attached a JOIN pg_trigger t ON t.oid = a.objid AND "
           "a.what = 'TRIGGER' JOIN pg_proc p ON p.oid = t.tgfoid UNION ALL "
           "SELECT a.relation, a.what, a.name, p.proowner FROM attached a "
           "JOIN pg_depend d ON d.classid = a.classid AND d.objid = a.objid AND d.refclassid = 'pg_operator'::regclass "
           "JOIN pg_operator o ON o.oid = d.refobjid JOIN pg_proc p ON p.oid = o.oprcode UNION ALL "
           "SELECT a.relation, a.what, a.name, y.typowner FROM attached a "
           "JOIN pg_depend d ON d.classid = a.classid AND d.objid = a.objid AND d.refclassid = 'pg_type'::regclass "
           "JOIN pg_type y ON y.oid = d.refobjid UNION ALL "
           "SELECT t.attrelid, 'TYPE', t.attname::text, y.typowner FROM (" // the checks of a domain run, too
           "WITH RECURSIVE part(attrelid, attname, oid) AS (SELECT t.attrelid, t.attname, t.atttypid FROM "
           "pg_attribute t JOIN family f ON f.oid = t.attrelid WHERE t.attnum > 0 AND NOT t.attisdropped UNION "
           "SELECT p.attrelid, p.attname, n.oid FROM part p JOIN pg_type y ON y.oid = p.oid, LATERAL (SELECT "
           "y.typelem UNION SELECT y.typbasetype UNION SELECT x.atttypid FROM pg_attribute x WHERE y.typtype = 'c' AND "
           "x.attrelid = y.typrelid AND x.attnum > 0 AND NOT x.attisdropped) n(oid) WHERE n.oid <> 0) "
           "SELECT * FROM part) t JOIN pg_type y ON y.oid = t.oid) "
           "SELECT format('%I.%I', s.nspname, c.relname) AS relation, n.what, quote_ident(n.name) AS name, "
           "pg_get_userbyid(n.owner) AS owner FROM needed n JOIN pg_class c ON c.oid = n.relation "
           "JOIN pg_namespace s ON s.oid = c.relnamespace WHERE NOT " +
           trusts("n.owner", "$1::oid") + " ORDER BY 1, 2, 3 LIMIT 1";
}

/// What DROP, or ALTER TABLE, is to be said with.
std::string removal(const std::string &what, const std::string &name, const std::string &relation) {
    if (what == "CONSTRAINT")
        return "ALTER TABLE " + relation + " DROP CONSTRAINT " + name + ";";
    if (what == "DEFAULT")
        return "ALTER TABLE " + relation + " ALTER COLUMN " + name + " DROP DEFAULT;";
    if (what == "INDEX")
        return "DROP INDEX " + relation.substr(0, relation.find('.')) + "." + name + ";";
    if (what == "TYPE")
        return "ALTER TABLE " + relation + " ALTER COLUMN " + name + " TYPE text;";
    return "DROP " + what + " " + name + " ON " + relation + ";";
}

void check_owners(const std::string &relation) {
    const auto owners =
        look(family +
                 std::string("SELECT c.relkind, format('%I.%I', s.nspname, c.relname) AS name, "
                             "pg_get_userbyid(c.relowner) AS owner FROM family f JOIN pg_class c ON c.oid = "
                             "f.oid JOIN pg_namespace s ON s.oid = c.relnamespace WHERE NOT ") +
                 trusts("c.relowner", "$1::oid") + " ORDER BY 2 LIMIT 1",
             relation);
    if (!owners.empty()) {
        const char kind = owners.text(0, 0).at(0);
        const std::string name = owners.text(0, 1);
        belongs_to(kind_name(kind) + (" " + name), owners.text(0, 2), sql_kind(kind), name);
    }
}

/// SQL: what relation_is_plain() tells of one, of a relation that is the row c of pg_class. What has an OID from 16384
/// on was not there when the server was set up.
std::string plain() {
    return trusts("c.relowner", "$1::oid") +
           " AND NOT (c.relhassubclass OR c.relhastriggers OR c.relrowsecurity OR c.relchecks > 0 OR "
           "(c.relhasrules AND c.relkind NOT IN ('v', 'm'))) AND NOT EXISTS (SELECT FROM pg_attribute a WHERE "
           "a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.atthasdef OR a.atttypid >= "
           "16384)) AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (i.indexprs IS NOT "
           "NULL OR i.indpred IS NOT NULL OR i.indisexclusion OR EXISTS (SELECT FROM "
           "unnest(i.indclass::oid[]) AS o (oid) WHERE o.oid >= 16384)))";
}

void check_family(oid relation) {
    if (relation_is_plain(relation)) // most are; the whole look takes many times as long
        return;
    const std::string text = std::to_string(relation), me = role_name(current_role());
    check_owners(text);
    const auto found = look(strangers(), text);
    if (found.empty())
        return;
    const std::string table = found.text(0, 0), what = found.text(0, 1), name = found.text(0, 2);
    std::string word = what;
    for (char &c : word)
        c = static_cast<char>(c - 'A' + 'a');
    throw error("42501",
                "table " + table + " has a " + word + (what == "DEFAULT" || what == "TYPE" ? " of column " : " ") +
                    name + " that depends on role \"" + found.text(0, 3) + "\"",
                "When the table is written, a function or type of that role's would run with the privileges of role "
                "\"" +
                    me + "\", which that role does not have.",
                "Remove it: " + removal(what, name, table));
}

} // namespace

void claim_schema(const std::string &schema) {
    if (find_schema(schema) == no_oid)
        ensure_schema(schema);
    // Who drops it, or makes another one of that name, has to wait.
    const char *text = schema.c_str();
    call([&] {
        for (;;) {
            const Oid found = get_namespace_oid(text, false);
            LockDatabaseObject(NamespaceRelationId, found, 0, AccessShareLock);
            if (get_namespace_oid(text, true) == found)
                return;
            UnlockDatabaseObject(NamespaceRelationId, found, 0, AccessShareLock);
        }
    });
    if (const std::string why = project::reserved_for(schema); !why.empty())
        throw error("42501", "schema \"" + schema + "\" is none that a project may write into", why,
                    "Name another schema.");
    const oid there = find_schema(schema);
    if (there != no_oid && schema_is_trusted(there) && !schema_is_of_extension(there))
        return;
    const auto found =
        look("SELECT pg_get_userbyid(n.nspowner) AS owner, " + trusts("n.nspowner", "$1::oid") +
                 " AS trusted, (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE "
                 "d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.refclassid = "
                 "'pg_extension'::regclass AND d.deptype = 'e') AS extension FROM pg_namespace n WHERE n.nspname = $2",
             schema);
    if (found.at(0, "extension"))
        throw error("42501", "schema \"" + schema + "\" belongs to extension \"" + found.text(0, "extension") + "\"",
                    "", "Name another schema.");
    if (!found.yes(0, "trusted"))
        belongs_to("schema \"" + schema + "\"", found.text(0, "owner"), "SCHEMA", quote_identifier(schema));
}

void check_reading(const std::string &schema, const std::string &name) {
    // Most are alone, and trusted: the look at a family takes many times as long.
    if (const oid found = find_relation(schema, name); found != no_oid && !relation_is_trusted(found))
        check_owners(std::to_string(found));
}

bool is_stranger(const std::string &schema) {
    const oid found = find_schema(schema);
    return found != no_oid && !schema_is_trusted(found);
}

std::vector<bool> are_plain_tables(const std::vector<std::string> &schemas, const std::vector<std::string> &names) {
    const auto found = look("SELECT w.n FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (schema, name, n) "
                            "JOIN pg_namespace s ON s.nspname = w.schema JOIN pg_class c ON c.relnamespace = s.oid AND "
                            "c.relname = w.name WHERE c.relkind = 'r' AND " +
                                plain(),
                            array_literal(schemas), array_literal(names));
    std::vector<bool> out(names.size());
    for (std::size_t i = 0; i < found.rows.size(); ++i)
        out.at(static_cast<std::size_t>(found.number(i, 0) - 1)) = true;
    return out;
}

void claim_relation(const std::string &schema, const std::string &name, claim_lock lock) {
    oid relation = find_relation(schema, name);
    if (relation == no_oid)
        return;
    check_family(relation);
    if (lock == claim_lock::none)
        return;
    const char *of = schema.c_str(), *called = name.c_str();
    relation = call([&] {
        return RangeVarGetRelid(makeRangeVar(const_cast<char *>(of), const_cast<char *>(called), -1), RowExclusiveLock,
                                false);
    });
    if (relation_is_plain(relation))
        return;
    const auto all = look(std::string(family) + "SELECT oid FROM family ORDER BY oid", std::to_string(relation));
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
        const oid one = static_cast<oid>(all.number(i, 0));
        call([&] { LockRelationOid(one, RowExclusiveLock); });
    }
    check_family(relation);
}

} // namespace barometre::pg
