#pragma once

#include "pg/oid.h"

#include <cstdint>
#include <string>

/// Looks into the catalogs by the server's caches, which are many times as fast as a statement. They tell what is
/// committed now and what this transaction did, whatever its snapshot is, and give it none.
namespace barometre::pg {

oid find_schema(const std::string &schema);                            ///< no_oid: there is none
oid find_relation(const std::string &schema, const std::string &name); ///< likewise
bool schema_is_trusted(oid schema);                                    ///< its owner is: see claim.h
bool relation_is_trusted(oid relation);                                ///< and no other one inherits from it
bool schema_is_of_extension(oid schema);

/// Whether a relation is trusted, and so plain that nothing but the server's own runs when it is written.
bool relation_is_plain(oid relation);

/// What `relations` has none of: a heap with its own rows.
struct relation_form {
    char kind = 0; ///< 0: there is none
    bool is_heap = false, has_row_security = false, may_have_heirs = false;
    std::int64_t rows = 0; ///< as the server estimates it; -1: it never has
};
relation_form form_of(oid relation);

std::int64_t table_size(oid relation); ///< in bytes, as pg_table_size() gives it

} // namespace barometre::pg
