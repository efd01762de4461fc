#pragma once

#include "pg/oid.h"

#include <string>
#include <vector>

/// Whose are the places that the current role writes into. What runs when a table is written (triggers, defaults,
/// checks, policies, rules, expressions of indexes) runs as who writes: a stranger must have made none of it. A role is
/// trusted if it has the privileges of who writes anyway; superusers have, and so may the database's owner.
namespace barometre::pg {

/// SQL: whether the role of the OID `role` is trusted by that of the OID `writer`.
std::string trusts(const std::string &role, const std::string &writer);

/// Makes the schema if it is missing, owned by the current role. Throws if it is a stranger's or an extension's.
void claim_schema(const std::string &schema);

bool is_stranger(const std::string &schema); ///< there is one of that name, and it is a stranger's

enum class claim_lock {
    none,  ///< an early look, so that no work is lost
    writes ///< ROW EXCLUSIVE, until the transaction ends: nobody can add anything to the table
};
/// Throws if there is a relation of that name, and it or something that runs when it is written is a stranger's. So of
/// the tables that inherit from it.
void claim_relation(const std::string &schema, const std::string &name, claim_lock lock);

/// Of several relations, which are ordinary tables that claim_relation() would let pass at its first look.
std::vector<bool> are_plain_tables(const std::vector<std::string> &schemas, const std::vector<std::string> &names);

/// Throws if what is there under the name of one of the project's relations is a stranger's: functions in a view run
/// as who reads it.
void check_reading(const std::string &schema, const std::string &name);

} // namespace barometre::pg
