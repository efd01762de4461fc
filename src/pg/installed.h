#pragma once

#include "core/error.h"

#include <optional>
#include <string>

/// Between the installation of a new library and ALTER EXTENSION ... UPDATE, and in sessions that loaded the library
/// before, the SQL objects of the database are of another version than the library.
namespace barometre::pg {

/// Such as 15.
std::string server_major();

/// What is wrong (not_configured) if they are.
std::optional<error> version_error();

/// Throws that.
void check_version();

/// For what must go on then, with statements that the objects of every released version understand: runs `f`, and if it
/// finds other objects than it needs, that is what is wrong.
template <class F> void in_any_version(F &&f) {
    const std::optional<error> other = version_error();
    try {
        f();
    } catch (const error &e) {
        if (!other || !e.sqlstate.starts_with("42"))
            throw;
        throw error(other->sqlstate, other->message, e.message, other->hint);
    }
}

} // namespace barometre::pg
