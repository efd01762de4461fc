#pragma once

#include "pg/oid.h"

#include <optional>
#include <string>
#include <vector>

namespace barometre::pg {

/// Bytes of a name in the catalogs, at most.
inline constexpr std::size_t longest_name = 63;

oid current_role();
std::string role_name(oid role);
std::optional<oid> role_oid(const std::string &name);
bool has_privileges_of(oid member, oid role);
bool is_superuser(oid role);
/// Whether who becomes this role could be a superuser: it is one, or may SET ROLE to one.
bool leads_to_superuser(oid role);
bool is_member_of(oid member, oid role); ///< may SET ROLE, though it may not inherit the privileges

std::string database_name(); ///< of the current one
bool database_is_utf8();

/// The role that owns the extension; it alone writes the registry and the state.
oid extension_owner();
/// The schema that the extension's functions are in.
std::string extension_schema();
std::string extension_version(); ///< of its objects in this database

/// Runs as another role while it lives; it must not outlive a commit or rollback
/// (an error after a commit would leave the session with the other role).
class identity {
public:
    /// `restricted`: a security-restricted operation, for SQL of the project; not
    /// when the role is the current one already, since it forbids things that
    /// the role may do by itself (deferred triggers, for example).
    identity(oid role, bool restricted);
    ~identity();
    identity(const identity &) = delete;
    identity &operator=(const identity &) = delete;

private:
    oid role_;
    int context_;
};

bool is_restricted(); ///< in a security-restricted operation

/// Pins the settings that results could depend on, for the current transaction
/// and as long as it lives: search_path, TimeZone, DateStyle, IntervalStyle, ...
class pinned_settings {
public:
    pinned_settings(const std::string &search_path, const std::string &timezone,
                    const std::string &date_style = "ISO, MDY");
    ~pinned_settings();
    pinned_settings(const pinned_settings &) = delete;
    pinned_settings &operator=(const pinned_settings &) = delete;

private:
    int level_;
};

/// Remembers the settings that pinned_settings pins, and the role.
class kept_settings {
public:
    kept_settings();
    void restore() const; ///< those that SQL of the project changed meanwhile

private:
    std::vector<std::string> values_;
};

/// Runs `f` as the extension's owner with an empty search path: for constant SQL
/// on schema barometre only.
template <class F> auto as_extension(F &&f) {
    identity owner(extension_owner(), false);
    pinned_settings settings("pg_catalog, pg_temp", "UTC");
    return f();
}

} // namespace barometre::pg
