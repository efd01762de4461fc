#pragma once

#include "pg/guard.h"
#include "pg/installed.h"
#include "pg/oid.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "pg/unwritten.h"

#include <cstdint>

/// What SQL calls: the border from the server's side. Each entry is one of the macros below with a function of C++'s,
/// and refuses to work with the SQL objects of another version than the library's.
namespace barometre::pg {

/// The arguments of a call. Those that the SQL of an older version does not give are NULL.
class arguments {
public:
    explicit arguments(FunctionCallInfo call) : call_(call) {}

    bool is_null(int n) const;
    std::string text(int n, const std::string &if_null = {}) const;
    std::optional<std::vector<std::string>> texts(int n) const; ///< text[]; NULL elements are left out
    bool yes(int n) const;                                      ///< NULL: no
    std::int64_t integer(int n, std::int64_t if_null) const;    ///< int4
    std::int64_t bigint(int n) const;                           ///< int8, not NULL
    std::string json(int n, const std::string &if_null) const;  ///< jsonb
    std::optional<std::int64_t> seconds(int n) const;           ///< timestamptz, as seconds since 1970-01-01 UTC
    std::optional<std::int64_t> days(int n) const;              ///< date, as days since 1970-01-01

    bool may_commit() const; ///< it is a procedure that was called by itself, outside of transaction blocks
    /// The table whose statement trigger is calling; throws when it is no such call.
    oid trigger_table() const;

private:
    FunctionCallInfo call_;
};

using table = std::vector<row>;

namespace detail {
void begin_writing(const std::string &symbol); ///< throws where nothing can be written
Datum return_rows(FunctionCallInfo call, const table &rows);
Datum return_text(const char *text);
Datum return_json(const char *text); ///< jsonb
Datum return_time(FunctionCallInfo call, std::optional<std::int64_t> seconds);
} // namespace detail

} // namespace barometre::pg

/// A set-returning function that only reads: `gives(const pg::arguments &)` gives its rows, of which each value is read
/// by its column's input function.
#define BARO_ROWS(name, gives)                                                                                         \
    BARO_ENTRY(name, {                                                                                                 \
        barometre::pg::spi connection;                                                                                 \
        barometre::pg::check_version();                                                                                \
        barometre::pg::unwritten::settle();                                                                            \
        return barometre::pg::detail::return_rows(fcinfo, gives(barometre::pg::arguments(fcinfo)));                    \
    })
/// The same of one that writes, be it that all is rolled back: it is refused where nothing can be written.
#define BARO_WRITES(name, gives)                                                                                       \
    BARO_ENTRY(name, {                                                                                                 \
        barometre::pg::spi connection;                                                                                 \
        barometre::pg::detail::begin_writing(#name);                                                                   \
        return barometre::pg::detail::return_rows(fcinfo, gives(barometre::pg::arguments(fcinfo)));                    \
    })
/// A function that returns a text.
#define BARO_TEXT(name, gives) BARO_VALUE(name, gives, return_text)
/// A function that returns jsonb: `gives` gives its text.
#define BARO_JSON(name, gives) BARO_VALUE(name, gives, return_json)
#define BARO_VALUE(name, gives, returned)                                                                              \
    BARO_ENTRY(name, {                                                                                                 \
        const std::string text = [&] {                                                                                 \
            barometre::pg::spi connection;                                                                             \
            barometre::pg::check_version();                                                                            \
            return gives(barometre::pg::arguments(fcinfo));                                                            \
        }();                                                                                                           \
        return barometre::pg::detail::returned(text.c_str());                                                          \
    })
/// A function that returns a timestamptz, or NULL: `gives` gives seconds since 1970-01-01 UTC.
#define BARO_TIME(name, gives)                                                                                         \
    BARO_ENTRY(name, {                                                                                                 \
        barometre::pg::check_version();                                                                                \
        return barometre::pg::detail::return_time(fcinfo, gives(barometre::pg::arguments(fcinfo)));                    \
    })
/// A function that returns a boolean.
#define BARO_BOOLEAN(name, gives)                                                                                      \
    BARO_ENTRY(name, {                                                                                                 \
        barometre::pg::spi connection;                                                                                 \
        barometre::pg::check_version();                                                                                \
        return BoolGetDatum(gives(barometre::pg::arguments(fcinfo)));                                                  \
    })
/// A statement trigger. It stands on tables of others, whose writes must neither fail nor go unnoticed until somebody
/// updates the extension: `does` works with the SQL objects of every version.
#define BARO_TRIGGER(name, does)                                                                                       \
    BARO_ENTRY(name, {                                                                                                 \
        barometre::pg::spi connection;                                                                                 \
        barometre::pg::in_any_version([&] { does(barometre::pg::arguments(fcinfo)); });                                \
        return Datum(0);                                                                                               \
    })
/// A procedure, which writes: `does(pg::spi &, const pg::arguments &)`, which may commit by that connection if
/// arguments::may_commit().
#define BARO_PROCEDURE(name, does)                                                                                     \
    BARO_ENTRY(name, {                                                                                                 \
        const barometre::pg::arguments given(fcinfo);                                                                  \
        barometre::pg::spi connection(given.may_commit());                                                             \
        barometre::pg::detail::begin_writing(#name);                                                                   \
        does(connection, given);                                                                                       \
        return Datum(0);                                                                                               \
    })

#define BARO_ENTRY(name, ...)                                                                                          \
    extern "C" {                                                                                                       \
    PG_FUNCTION_INFO_V1(name);                                                                                         \
    Datum name(PG_FUNCTION_ARGS) { return barometre::pg::entry([&]() -> Datum __VA_ARGS__); }                          \
    }
