#include "pg/guard.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <new>

namespace barometre::pg {

const std::thread::id backend_thread = std::this_thread::get_id();

namespace detail {

namespace {

std::string text(const char *s) { return s ? s : ""; }

/// Copies to the server's memory; NULL for nothing, and when memory is short:
/// an error that loses its hint is better than one that is lost.
const char *copy(const std::string &s) noexcept {
    if (s.empty() || s.size() > 1'000'000)
        return nullptr;
    if (!text::is_utf8(s)) // names of files, for example: clients and the server's log take text
        try {
            return copy(text::legible(s));
        } catch (const std::bad_alloc &) {
            return nullptr;
        }
    auto *to = static_cast<char *>(MemoryContextAllocExtended(CurrentMemoryContext, s.size() + 1, MCXT_ALLOC_NO_OOM));
    if (to)
        memcpy(to, s.c_str(), s.size() + 1);
    return to;
}

} // namespace

void throw_wrong_thread() {
    throw error(sqlstate::internal, "the server was called by another thread than the one of its session", "",
                "This is a bug of barometre: a reader thread must call nothing of the server.");
}

namespace {

/// What begins a message of a connection from this server to another one that was lost, and ends before the other's
/// name. Some of them have the SQLSTATE of a bug.
constexpr struct {
    const char *begin, *node;
} lost[] = {{"connection to the remote node ", "connection to the remote node "},
            {"failure on connection marked as essential: ", "failure on connection marked as essential: "},
            {"failed to COPY to shard ", " on "},
            {"server closed the connection unexpectedly", nullptr}};

/// Of several lines makes one message of which server it was, why, and what to do.
void tell_lost_connection(error &e) {
    const auto *said =
        std::find_if(std::begin(lost), std::end(lost), [&](const auto &l) { return e.message.starts_with(l.begin); });
    if (said == std::end(lost) && !e.sqlstate.starts_with("08"))
        return;
    const auto first_line = [](std::string s) { return s.substr(0, s.find('\n')); };
    if (said == std::end(lost)) {
        e.message = first_line(e.message);
    } else {
        e.sqlstate = "08006"; // connection_failure
        std::string why = first_line(e.message), name = "another server";
        if (said->node) {
            const std::size_t at = e.message.find(said->node) + std::string(said->node).size();
            name = "node " + e.message.substr(at, e.message.find_first_of(" \n", at) - at);
            if (const std::size_t reason = why.find(" error: "); reason != std::string::npos)
                why.erase(0, reason + 8);
        }
        e.message = "the connection to " + name + " was lost";
        e.detail = "The server says: " + why + ".";
    }
    if (e.hint.empty())
        e.hint = "Nothing of it was kept. Run it again when the other server answers.";
}

} // namespace

void throw_server_error(MemoryContext memory) {
    // CopyErrorData must not allocate in ErrorContext, which FlushErrorState empties.
    MemoryContextSwitchTo(memory);
    ErrorData *data = CopyErrorData();
    FlushErrorState();
    error e(unpack_sql_state(data->sqlerrcode), text(data->message), text(data->detail), text(data->hint));
    e.context = text(data->context);
    e.schema_name = text(data->schema_name);
    e.table_name = text(data->table_name);
    e.column_name = text(data->column_name);
    e.datatype_name = text(data->datatype_name);
    e.constraint_name = text(data->constraint_name);
    e.query = text(data->internalquery);
    e.query_position = data->internalquery ? data->internalpos : data->cursorpos;
    FreeErrorData(data);
    tell_lost_connection(e);
    throw e;
}

raised keep(const error &e) noexcept {
    raised r;
    const char *s = e.sqlstate.c_str();
    r.sqlstate = e.sqlstate.size() == 5 ? MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]) : ERRCODE_INTERNAL_ERROR;
    r.message = copy(e.message);
    r.detail = copy(e.detail);
    r.hint = copy(e.hint);
    r.context = copy(e.context);
    r.schema = copy(e.schema_name);
    r.table = copy(e.table_name);
    r.column = copy(e.column_name);
    r.datatype = copy(e.datatype_name);
    r.constraint = copy(e.constraint_name);
    r.query = copy(e.query);
    r.query_position = e.query_position;
    return r;
}

raised keep_current_exception() noexcept {
    raised r;
    r.sqlstate = ERRCODE_INTERNAL_ERROR;
    try {
        throw;
    } catch (const error &e) {
        return keep(e);
    } catch (const std::bad_alloc &) {
        r.sqlstate = ERRCODE_OUT_OF_MEMORY;
        r.message = "out of memory in barometre";
    } catch (const std::exception &e) {
        try {
            r.message = copy(std::string("unexpected C++ exception in barometre: ") + e.what());
        } catch (...) {
        }
    } catch (...) {
        r.message = "unexpected C++ exception of unknown type in barometre";
    }
    return r;
}

void raise(const raised &r) {
    ereport(ERROR, (errcode(r.sqlstate), errmsg_internal("%s", r.message ? r.message : "unknown error in barometre"),
                    r.detail ? errdetail_internal("%s", r.detail) : 0, r.hint ? errhint("%s", r.hint) : 0,
                    r.context ? errcontext_msg("%s", r.context) : 0,
                    r.schema ? err_generic_string(PG_DIAG_SCHEMA_NAME, r.schema) : 0,
                    r.table ? err_generic_string(PG_DIAG_TABLE_NAME, r.table) : 0,
                    r.column ? err_generic_string(PG_DIAG_COLUMN_NAME, r.column) : 0,
                    r.datatype ? err_generic_string(PG_DIAG_DATATYPE_NAME, r.datatype) : 0,
                    r.constraint ? err_generic_string(PG_DIAG_CONSTRAINT_NAME, r.constraint) : 0,
                    r.query ? internalerrquery(r.query) : 0,
                    r.query && r.query_position ? internalerrposition(r.query_position) : 0));
    pg_unreachable();
}

} // namespace detail

} // namespace barometre::pg
