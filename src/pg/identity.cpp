#include "pg/identity.h"
#include "pg/guard.h"
#include "pg/spi.h"

namespace barometre::pg {

static_assert(longest_name == NAMEDATALEN - 1);

oid current_role() { return GetUserId(); }

std::string role_name(oid role) {
    char *name = call([&] { return GetUserNameFromId(role, true); });
    return name ? name : "";
}

std::optional<oid> role_oid(const std::string &name) {
    const char *text = name.c_str();
    Oid found = call([&] { return get_role_oid(text, true); });
    return OidIsValid(found) ? std::optional(found) : std::nullopt;
}

bool has_privileges_of(oid member, oid role) {
    return call([&] { return has_privs_of_role(member, role); });
}

bool is_superuser(oid role) {
    return call([&] { return superuser_arg(role); });
}

bool is_member_of(oid member, oid role) {
    return call([&] { return is_member_of_role(member, role); });
}

bool leads_to_superuser(oid role) {
    if (is_superuser(role))
        return true;
    auto found = as_extension([&] {
        return sql("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolsuper AND "
                   "pg_catalog.pg_has_role($1::oid, r.oid, 'MEMBER'))",
                   {std::to_string(role)});
    });
    return found.yes(0, 0);
}

std::string database_name() {
    return call([] { return get_database_name(MyDatabaseId); });
}

bool database_is_utf8() { return GetDatabaseEncoding() == PG_UTF8; }

namespace {

struct extension_row {
    Oid owner = InvalidOid, schema = InvalidOid;
    const char *version = nullptr;
};

/// No cache of the server's has it.
extension_row find_extension() {
    extension_row found = call([] {
        extension_row r;
        Relation rel = table_open(ExtensionRelationId, AccessShareLock);
        ScanKeyData key;
        ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("barometre"));
        SysScanDesc scan = systable_beginscan(rel, ExtensionNameIndexId, true, nullptr, 1, &key);
        HeapTuple tuple = systable_getnext(scan);
        if (HeapTupleIsValid(tuple)) {
            auto *form = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple));
            r.owner = form->extowner;
            r.schema = form->extnamespace;
            bool is_null = false;
            const Datum version = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(rel), &is_null);
            r.version = text_to_cstring(reinterpret_cast<const ::text *>(DatumGetPointer(version)));
        }
        systable_endscan(scan);
        table_close(rel, AccessShareLock);
        return r;
    });
    if (!found.version)
        throw error("42704", "extension \"barometre\" does not exist", "", "CREATE EXTENSION barometre;");
    return found;
}

} // namespace

oid extension_owner() { return find_extension().owner; }

std::string extension_schema() {
    Oid schema = find_extension().schema;
    return call([&] { return get_namespace_name(schema); });
}

std::string extension_version() { return find_extension().version; }

identity::identity(oid role, bool restricted) {
    GetUserIdAndSecContext(&role_, &context_);
    if (role != role_)
        SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE |
                                         (restricted ? SECURITY_RESTRICTED_OPERATION : 0));
    else if (restricted && role != GetSessionUserId()) // after SET ROLE: RESET ROLE would be the way out, also in what
                                                       // waits for the commit
        SetUserIdAndSecContext(role, context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

identity::~identity() { SetUserIdAndSecContext(role_, context_); }

bool is_restricted() { return InSecurityRestrictedOperation(); }

namespace {

constexpr const char *pinned[][2] = {{"search_path", nullptr}, // by the project
                                     {"TimeZone", nullptr},
                                     {"DateStyle", nullptr},
                                     {"IntervalStyle", "postgres"},
                                     {"extra_float_digits", "1"},
                                     {"bytea_output", "hex"},
                                     {"standard_conforming_strings", "on"},
                                     {"quote_all_identifiers", "off"},
                                     {"transform_null_equals", "off"},
                                     {"default_table_access_method", "heap"},
                                     // of Citus, where it is loaded: after a statement on all shards at once a
                                     // transaction may change no schema, and no table that others refer to
                                     {"citus.multi_shard_modify_mode", "sequential"}};

/// Of the server, or of an extension that is loaded. Runs inside call.
bool is_known(const char *name) { return GetConfigOption(name, true, false) != nullptr; }

/// Runs inside call.
void pin(const char *name, const char *value, GucAction action) {
    set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, action, true, 0, false);
}

} // namespace

pinned_settings::pinned_settings(const std::string &search_path, const std::string &timezone,
                                 const std::string &date_style) {
    const char *const given[] = {search_path.c_str(), timezone.c_str(), date_style.c_str()};
    level_ = NewGUCNestLevel();
    call([&] {
        for (std::size_t i = 0; i < std::size(pinned); ++i)
            if (is_known(pinned[i][0]))
                pin(pinned[i][0], i < std::size(given) ? given[i] : pinned[i][1], GUC_ACTION_SAVE);
    });
}

pinned_settings::~pinned_settings() { AtEOXact_GUC(false, level_); }

kept_settings::kept_settings() {
    for (const auto &setting : pinned)
        values_.emplace_back(
            call([&] { return is_known(setting[0]) ? GetConfigOption(setting[0], false, false) : ""; }));
    values_.emplace_back(call([] { return GetConfigOption("role", false, false); }));
}

void kept_settings::restore() const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const char *name = i < std::size(pinned) ? pinned[i][0] : "role", *value = values_[i].c_str();
        if (call([&] { return is_known(name); }) &&
            values_[i] != call([&] { return GetConfigOption(name, false, false); }))
            call([&] { pin(name, value, GUC_ACTION_SET); }); // the server saves nothing where SQL has set it
    }
}

} // namespace barometre::pg
