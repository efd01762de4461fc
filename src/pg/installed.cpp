#include "pg/installed.h"
#include "pg/identity.h"
#include "pg/pg.h"

#include "version.h"

#include <charconv>
#include <vector>

namespace barometre::pg {

namespace {

std::vector<int> numbers(const std::string &version) {
    std::vector<int> out;
    const char *at = version.data(), *end = at + version.size();
    for (int n = 0;; ++at) {
        const auto read = std::from_chars(at, end, n);
        if (read.ec != std::errc())
            return out;
        out.push_back(n);
        at = read.ptr;
        if (at == end || *at != '.')
            return out;
    }
}

} // namespace

std::string server_major() { return PG_MAJORVERSION; }

std::optional<error> version_error() {
    const std::string library = BAROMETRE_VERSION, installed = extension_version();
    if (installed == library)
        return std::nullopt;
    return error(
        sqlstate::not_configured,
        "extension barometre is version " + installed + " in this database, and the library is version " + library, "",
        numbers(installed) > numbers(library) ? "Connect again: this session loaded the library before it was "
                                                "replaced. If that does not help, install barometre " +
                                                    installed + " on this server."
                                              : "ALTER EXTENSION barometre UPDATE;");
}

void check_version() {
    if (const auto wrong = version_error())
        throw *wrong;
}

} // namespace barometre::pg
