#include "pg/spi.h"
#include "pg/guard.h"
#include "pg/plan_cache.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include "jit/jit.h"
}

namespace barometre::pg {

spi::spi(bool nonatomic) : exceptions_(std::uncaught_exceptions()) {
    call([&] { SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0); });
}

spi::~spi() {
    // After an error the transaction's abort cleans up; SPI's state is not to be touched before.
    if (std::uncaught_exceptions() == exceptions_)
        SPI_finish();
}

void spi::commit() {
    call([] { SPI_commit(); });
}

void spi::rollback() {
    call([] { SPI_rollback(); });
}

namespace {

plan_cache plans;

/// Inside call(): raises what SPI only tells by its code.
void check_code(int code) {
    if (code == SPI_ERROR_TRANSACTION)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION), errmsg("a transaction can't be begun or ended here"),
                 errdetail("All work of a call is published together."),
                 errhint("Remove BEGIN, COMMIT, ROLLBACK and SAVEPOINT.")));
    if (code == SPI_ERROR_COPY)
        ereport(ERROR,
                (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("COPY can't read from or write to the client here")));
    if (code < 0)
        elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(code));
}

/// Inside call(): the server looks at what clients send, and takes what comes from inside as it is. Invalid bytes would
/// go into tables, and into dumps that can't be restored.
void check_encoding(const char *text, std::size_t size) { pg_verifymbstr(text, static_cast<int>(size), false); }

/// While it lives, the search path is the server's own catalog, and nothing is compiled (jit): what is estimated to be
/// much in a large catalog takes milliseconds, and compiling it half a second. What is set meanwhile (set_config)
/// outlives it.
class own_path {
public:
    own_path() {
        static constexpr char own[] = "pg_catalog, pg_temp"; // else pg_temp would come first
        call([&] {
            const bool has_path = std::strcmp(namespace_search_path, own) == 0;
            const bool compiles = jit_enabled;
            if (has_path && !compiles)
                return;
            level_ = NewGUCNestLevel();
            if (!has_path)
                set_config_option("search_path", own, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
            if (compiles)
                set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
        });
    }
    ~own_path() {
        if (level_)
            AtEOXact_GUC(true, level_);
    }
    own_path(const own_path &) = delete;
    own_path &operator=(const own_path &) = delete;

private:
    int level_ = 0;
};

/// The rows of a result as text, at one crossing of the border a row.
void read_rows(SPITupleTable *table, result &out) {
    const TupleDesc described = table->tupdesc;
    const int columns = described->natts;
    std::vector<FmgrInfo> outputs(static_cast<std::size_t>(columns));
    std::vector<char *> cells(static_cast<std::size_t>(columns));
    FmgrInfo *output = outputs.data();
    char **cell = cells.data();
    call([&] {
        for (int c = 0; c < columns; ++c) {
            Oid function;
            bool is_varlena;
            getTypeOutputInfo(TupleDescAttr(described, c)->atttypid, &function, &is_varlena);
            fmgr_info(function, &output[c]);
        }
    });
    for (int c = 0; c < columns; ++c)
        out.names.emplace_back(NameStr(TupleDescAttr(described, c)->attname));
    out.rows.reserve(out.processed);
    for (std::uint64_t i = 0; i < out.processed; ++i) {
        const HeapTuple tuple = table->vals[i];
        call([&] {
            for (int c = 0; c < columns; ++c) {
                bool is_null;
                const Datum value = heap_getattr(tuple, c + 1, described, &is_null);
                cell[c] = is_null ? nullptr : OutputFunctionCall(&output[c], value);
            }
        });
        row texts;
        texts.reserve(cells.size());
        for (char *text : cells) {
            if (!text) {
                texts.emplace_back();
                continue;
            }
            texts.emplace_back(text);
            pfree(text);
        }
        out.rows.push_back(std::move(texts));
    }
}

result execute(const std::string &statement, const std::vector<cell> &parameters, long limit,
               const std::vector<parameter_type> &other_types, bool now) {
    const std::size_t n = parameters.size();
    std::vector<Oid> types(n, TEXTOID);
    for (std::size_t i = 0; i < other_types.size(); ++i)
        types.at(i) = other_types[i] == parameter_type::bigint ? INT8OID : TEXTOID;
    std::vector<Datum> values(n);
    std::vector<char> nulls(n);
    std::vector<const char *> texts(n);
    std::vector<std::size_t> sizes(n);
    for (std::size_t i = 0; i < n; ++i) {
        nulls[i] = parameters[i] ? ' ' : 'n';
        texts[i] = parameters[i] ? parameters[i]->data() : nullptr;
        sizes[i] = parameters[i] ? parameters[i]->size() : 0;
    }
    const char *text = statement.c_str();
    const std::size_t size = statement.size();
    const plan_cache::use used = other_types.empty() ? plans.plan_of(statement, types) : plan_cache::use();
    SPIPlanPtr plan = used.plan();
    struct {
        SPITupleTable *table;
        std::uint64_t processed;
    } got = call([&]() -> decltype(got) {
        check_encoding(text, size);
        for (std::size_t i = 0; i < n; ++i)
            if (texts[i])
                check_encoding(texts[i], sizes[i]);
        for (std::size_t i = 0; i < n; ++i)
            if (texts[i] && types[i] != TEXTOID) {
                Oid input, element;
                getTypeInputInfo(types[i], &input, &element);
                values[i] = OidInputFunctionCall(input, const_cast<char *>(texts[i]), element, -1);
            } else {
                values[i] =
                    texts[i] ? PointerGetDatum(cstring_to_text_with_len(texts[i], static_cast<int>(sizes[i]))) : 0;
            }
        if (now) // which SPI takes for statements that only read
            PushActiveSnapshot(GetLatestSnapshot());
        check_code(plan ? SPI_execute_plan(plan, values.data(), nulls.data(), now, limit)
                        : SPI_execute_with_args(text, static_cast<int>(n), types.data(), values.data(), nulls.data(),
                                                now, limit));
        if (now)
            PopActiveSnapshot();
        return {SPI_tuptable, SPI_processed};
    });
    result r;
    r.processed = got.processed;
    if (!got.table)
        return r;
    read_rows(got.table, r);
    SPI_freetuptable(got.table);
    return r;
}

} // namespace

result project_sql(const std::string &statement, const std::vector<cell> &parameters, long limit,
                   const std::vector<parameter_type> &types) {
    return execute(statement, parameters, limit, types, false);
}

result sql_now(const std::string &statement, const std::vector<cell> &parameters) {
    const own_path path;
    return execute(statement, parameters, 0, {}, true);
}

std::size_t result::column(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        throw error(sqlstate::internal, "a statement gave no column \"" + std::string(name) + "\"");
    return static_cast<std::size_t>(found - names.begin());
}

void project_script(const std::string &statements) {
    const char *text = statements.c_str();
    const std::size_t size = statements.size();
    call([&] {
        check_encoding(text, size);
        check_code(SPI_execute(text, false, 0));
    });
}

result sql(const std::string &statement, const std::vector<cell> &parameters, long limit,
           const std::vector<parameter_type> &types) {
    const own_path path;
    return project_sql(statement, parameters, limit, types);
}

void script(const std::string &statements) {
    const own_path path;
    project_script(statements);
}

std::string quote_identifier(const std::string &name) {
    const char *text = name.c_str();
    return call([&] { return ::quote_identifier(text); });
}

std::string quote_literal(const std::string &text) {
    const char *raw = text.c_str();
    return call([&] { return quote_literal_cstr(raw); });
}

std::string qualified(const std::string &schema, const std::string &name) {
    return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string int_array(const std::vector<std::string> &numbers) {
    std::string out = "'{";
    for (const std::string &number : numbers)
        out += (out.size() > 2 ? "," : "") + number;
    return out + "}'::int[]";
}

cell array_literal(const std::vector<std::string> &items) {
    std::string out = "{";
    for (const std::string &item : items) {
        out += out.size() > 1 ? ",\"" : "\"";
        for (char c : item) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + "}";
}

} // namespace barometre::pg
