#pragma once

#include <exception>
#include <string>
#include <utility>

namespace barometre {

/// SQLSTATEs of barometre's own class. PostgreSQL reserves the classes that
/// begin with 0-4 and A-H to the standard, so BM is free.
namespace sqlstate {
inline constexpr char internal[] = "XX000";
inline constexpr char not_configured[] = "BM001";  ///< a setting or a grant is missing
inline constexpr char project_invalid[] = "BM002"; ///< barometre.yml, a properties file or a template is wrong
inline constexpr char unknown_name[] = "BM003";    ///< no such tap, stream, seed, model or test
inline constexpr char bad_record[] = "BM004";      ///< a CSV record cannot be loaded
inline constexpr char bad_file[] = "BM005";    ///< a file or folder is missing, refused or changed while it was read
inline constexpr char bad_graph[] = "BM006";   ///< a cycle between models, or a reference to nothing
inline constexpr char contract[] = "BM007";    ///< the table and the project disagree about columns, types or keys
inline constexpr char busy[] = "BM008";        ///< the same tap or model is being run by another session
inline constexpr char not_ready[] = "BM009";   ///< an input that was there at the last build is missing
inline constexpr char test_failed[] = "BM010"; ///< a data test of severity error failed, and nothing was published
inline constexpr char job_failed[] = "BM011";  ///< a step of a job failed
} // namespace sqlstate

/// The one exception of barometre. It carries what PostgreSQL's ereport takes,
/// so that an error keeps its SQLSTATE, DETAIL and HINT on its way through C++.
/// Texts follow PostgreSQL's style guide: the message starts in lower case and
/// has no final period, DETAIL and HINT are whole sentences.
class error : public std::exception {
public:
    error(std::string sqlstate, std::string message, std::string detail = {}, std::string hint = {})
        : sqlstate(std::move(sqlstate)), message(std::move(message)), detail(std::move(detail)), hint(std::move(hint)) {
    }

    const char *what() const noexcept override { return message.c_str(); }

    /// Whether someone ended the work (a cancel, a timeout, a shutdown), so that no one may go on after it.
    bool is_intervention() const { return sqlstate.starts_with("57"); }

    /// Whether what comes next would fail as well, or must not be begun: an intervention, or it is the server's or the
    /// session's fault.
    bool ends_all() const {
        for (const char *all : {"08", "25", "53", "57", "58", "XX", sqlstate::not_configured})
            if (sqlstate.starts_with(all))
                return true;
        return false;
    }

    /// Whether it may be the fault of one record, so that others can still be loaded: not the server's, the session's,
    /// or that of the SQL that ran, which would fail for each of them.
    bool blames_record() const {
        for (const char *others : {"08", "25", "40", "53", "55", "57", "58", "XX", "BM"})
            if (sqlstate.starts_with(others))
                return false;
        return !sqlstate.starts_with("42") || sqlstate == "42501";
    }

    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;

    // Set when the error came from the server.
    std::string schema_name, table_name, column_name, datatype_name, constraint_name;
    std::string query;      ///< the SQL text that failed, if the server named it
    int query_position = 0; ///< character position in `query`, from 1; 0: unknown
};

} // namespace barometre
