#include "pg/catalog_look.h"
#include "pg/guard.h"

extern "C" {
#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_index.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
}

namespace barometre::pg {

namespace {

// What follows runs inside call().

/// A role is trusted that has the privileges of this one anyway. Nobody is granted pg_database_owner: its only member
/// is the owner.
bool owner_is_trusted(Oid owner) {
    if (owner == ROLE_PG_DATABASE_OWNER) {
        HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
        if (!HeapTupleIsValid(tuple))
            elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
        owner = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datdba;
        ReleaseSysCache(tuple);
    }
    return has_privs_of_role(owner, GetUserId());
}

/// What has an OID from here on was not there when the server was set up.
constexpr Oid first_of_others = FirstNormalObjectId;

bool columns_are_plain(Oid relation) {
    Relation attributes = table_open(AttributeRelationId, AccessShareLock);
    ScanKeyData key[2];
    ScanKeyInit(&key[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
    ScanKeyInit(&key[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber, F_INT2GT, Int16GetDatum(0));
    SysScanDesc scan = systable_beginscan(attributes, AttributeRelidNumIndexId, true, nullptr, 2, key);
    bool plain = true;
    HeapTuple tuple;
    while (plain && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        const auto *a = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
        plain = a->attisdropped || (!a->atthasdef && a->atttypid < first_of_others);
    }
    systable_endscan(scan);
    table_close(attributes, AccessShareLock);
    return plain;
}

bool indexes_are_plain(Oid relation) {
    Relation indexes = table_open(IndexRelationId, AccessShareLock);
    ScanKeyData key;
    ScanKeyInit(&key, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relation));
    SysScanDesc scan = systable_beginscan(indexes, IndexIndrelidIndexId, true, nullptr, 1, &key);
    bool plain = true;
    HeapTuple tuple;
    while (plain && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        const TupleDesc shape = RelationGetDescr(indexes);
        bool is_null;
        const Datum classes = heap_getattr(tuple, Anum_pg_index_indclass, shape, &is_null);
        plain = !is_null && heap_attisnull(tuple, Anum_pg_index_indexprs, shape) &&
                heap_attisnull(tuple, Anum_pg_index_indpred, shape) &&
                !reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indisexclusion;
        if (!plain)
            break;
        const auto *list = reinterpret_cast<const oidvector *>(DatumGetPointer(classes));
        for (int i = 0; i < list->dim1; ++i)
            plain = plain && list->values[i] < first_of_others;
    }
    systable_endscan(scan);
    table_close(indexes, AccessShareLock);
    return plain;
}

/// The copy is the caller's to free; null: there is none.
HeapTuple class_of(Oid relation) {
    AcceptInvalidationMessages(); // of what others committed
    return SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
}

const FormData_pg_class *form_in(HeapTuple tuple) { return reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple)); }

} // namespace

oid find_schema(const std::string &schema) {
    const char *name = schema.c_str();
    return call([&] {
        AcceptInvalidationMessages();
        return get_namespace_oid(name, true);
    });
}

oid find_relation(const std::string &schema, const std::string &name) {
    const char *of = schema.c_str(), *called = name.c_str();
    return call([&] {
        AcceptInvalidationMessages();
        const Oid found = get_namespace_oid(of, true);
        return OidIsValid(found) ? get_relname_relid(called, found) : InvalidOid;
    });
}

bool schema_is_trusted(oid schema) {
    return call([&] {
        AcceptInvalidationMessages();
        HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
        if (!HeapTupleIsValid(tuple))
            return false;
        const Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
        ReleaseSysCache(tuple);
        return owner_is_trusted(owner);
    });
}

bool schema_is_of_extension(oid schema) {
    return call([&] { return OidIsValid(getExtensionOfObject(NamespaceRelationId, schema)); });
}

bool relation_is_trusted(oid relation) {
    return call([&] {
        HeapTuple tuple = class_of(relation);
        if (!HeapTupleIsValid(tuple))
            return false;
        const bool is_alone = !form_in(tuple)->relhassubclass;
        const Oid owner = form_in(tuple)->relowner;
        ReleaseSysCache(tuple);
        return is_alone && owner_is_trusted(owner);
    });
}

bool relation_is_plain(oid relation) {
    return call([&] {
        HeapTuple tuple = class_of(relation);
        if (!HeapTupleIsValid(tuple))
            return false;
        const FormData_pg_class *c = form_in(tuple);
        const bool is_view = c->relkind == RELKIND_VIEW || c->relkind == RELKIND_MATVIEW;
        const bool is_alone = !c->relhassubclass && !c->relhastriggers && !c->relrowsecurity && c->relchecks == 0 &&
                              (!c->relhasrules || is_view);
        const bool has_indexes = c->relhasindex;
        const Oid owner = c->relowner;
        ReleaseSysCache(tuple);
        return is_alone && owner_is_trusted(owner) && columns_are_plain(relation) &&
               (!has_indexes || indexes_are_plain(relation));
    });
}

relation_form form_of(oid relation) {
    return call([&]() -> relation_form {
        HeapTuple tuple = class_of(relation);
        if (!HeapTupleIsValid(tuple))
            return {};
        const FormData_pg_class *c = form_in(tuple);
        const relation_form out{c->relkind, c->relam == HEAP_TABLE_AM_OID, c->relrowsecurity, c->relhassubclass,
                                static_cast<std::int64_t>(c->reltuples)};
        ReleaseSysCache(tuple);
        return out;
    });
}

std::int64_t table_size(oid relation) {
    return call([&] { return DatumGetInt64(DirectFunctionCall1(pg_table_size, ObjectIdGetDatum(relation))); });
}

} // namespace barometre::pg
