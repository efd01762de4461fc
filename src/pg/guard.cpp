#include "pg/guard.h"

#include <new>

namespace barometre::pg {

namespace detail {

namespace {

std::string text(const char *s) { return s ? s : ""; }

/// Copies to the server's memory; NULL for nothing, and when memory is short:
/// an error that loses its hint is better than one that is lost.
const char *copy(const std::string &s) noexcept {
    if (s.empty() || s.size() > 1'000'000)
        return nullptr;
    auto *to = static_cast<char *>(MemoryContextAllocExtended(CurrentMemoryContext, s.size() + 1, MCXT_ALLOC_NO_OOM));
    if (to)
        memcpy(to, s.c_str(), s.size() + 1);
    return to;
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

void notice(const std::string &message, const std::string &hint) {
    const char *m = message.c_str(), *h = hint.empty() ? nullptr : hint.c_str();
    call([&] { ereport(NOTICE, (errmsg_internal("%s", m), h ? errhint("%s", h) : 0)); });
}

void warning(const std::string &message, const std::string &hint, const std::string &detail) {
    const char *m = message.c_str(), *h = hint.empty() ? nullptr : hint.c_str();
    const char *d = detail.empty() ? nullptr : detail.c_str();
    call([&] {
        ereport(WARNING, (errmsg_internal("%s", m), d ? errdetail_internal("%s", d) : 0, h ? errhint("%s", h) : 0));
    });
}

void log_warning(const std::string &message) {
    const char *m = message.c_str();
    call([&] {
        const int level = NewGUCNestLevel();
        set_config_option("client_min_messages", "error", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
        ereport(WARNING, (errmsg_internal("%s", m), errhidestmt(true), errhidecontext(true)));
        AtEOXact_GUC(false, level);
    });
}

} // namespace barometre::pg
