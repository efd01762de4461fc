#pragma once

#include "core/sql/comparison.h"
#include "pg/oid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barometre::pg {

/// A column of a table, as the catalog has it.
struct table_column {
    std::string name;
    std::string type; ///< as SQL writes it: numeric(10,2)
    char made{};      ///< by the server: 's' generated, 'a' identity (always), 'd' identity (by default); else 0
    bool operator==(const table_column &o) const { return name == o.name && type == o.type; }
};

/// 'r' table, 'v' view, 'm' materialized view, 'p' partitioned, ...; 0: nothing of that name.
char relation_kind(const std::string &schema, const std::string &name);
const char *kind_name(char kind); ///< of a relation, for people: table, view, materialized view
const char *sql_kind(char kind);  ///< the same as SQL writes it: TABLE, ...
bool relation_exists(const std::string &schema, const std::string &name);
std::vector<table_column> columns_of(const std::string &schema, const std::string &name);
/// The same of several relations; none of one that is not there.
std::vector<std::vector<table_column>> columns_of_each(const std::vector<std::string> &schemas,
                                                       const std::vector<std::string> &names);

/// The same with COLLATE in the type where the collation is not the type's own.
std::vector<table_column> collated_columns_of(const std::string &schema, const std::string &name);
oid oid_of(const std::string &relation); ///< of a qualified name; throws when there is none
std::string name_of(oid relation);       ///< schema.name, quoted where needed

bool schema_exists(const std::string &schema);

/// Makes the schema if it is missing, owned by the current role.
void ensure_schema(const std::string &schema);

/// The server's own name of a type ("int" gives "integer"). Throws contract with
/// `where` when there is no such type.
std::string canonical_type(const std::string &type, const std::string &where);

/// As SQL writes it: numeric(10,2). By the path of the project, as all texts of types are.
std::string type_name(oid type, std::int32_t modifier = -1);

/// name(types of its arguments), by the path of the project
std::string routine_name(oid routine);

oid type_oid(const std::string &type); ///< throws when there is none

/// The type as which an untyped literal is read that is compared with a value of `type`: that below a domain, and
/// without a length, so that nothing is cut off.
std::string literal_type(const std::string &type);

bool has_equality(const std::string &type);

/// How values of a type are compared: by its default operator class, else as text.
sql::comparison comparison_of(const std::string &type);

/// A list of names, quoted, each after `prefix`: t."a", t.b
std::string column_list(const std::vector<std::string> &names, const std::string &prefix = {});

} // namespace barometre::pg
