// The rows of a bulk_insert that are kept as text: the server's input functions read them.
#include "core/text/text.h"
#include "pg/bulk_insert_state.h"
#include "pg/guard.h"
#include "pg/transaction.h"

namespace barometre::pg {

/// Makes a tuple of a row that is kept as text. Inside call().
HeapTuple bulk_insert::state::form(row_batch &batch, const row_batch::batched_row &row) {
    const std::size_t n = readers.size();
    for (std::size_t c = 0; c < n; ++c) {
        at_column = c;
        const row_batch::value_text &value = batch.texts[row.offset + c];
        text_reader &how = readers[c];
        nulls[c] = value.size < 0;
        values[c] = 0;
        if (value.size < 0)
            continue;
        char *text = batch.bytes.data() + value.offset;
        std::size_t size = static_cast<std::size_t>(value.size);
        char hash[33];
        if (how.md5) {
            const char *failure = nullptr;
            if (!pg_md5_hash(text, size, hash, &failure))
                elog(ERROR, "could not compute an MD5 hash: %s", failure);
            text = hash;
            size = 32;
        }
        values[c] = how.is_text ? PointerGetDatum(cstring_to_text_with_len(text, static_cast<int>(size)))
                                : InputFunctionCall(&how.input, text, how.io_parameter, how.typmod);
    }
    values[n] = Int32GetDatum(static_cast<int32>(row.file));
    values[n + 1] = Int64GetDatum(row.line);
    values[n + 2] = Int64GetDatum(row.sequence);
    nulls[n] = nulls[n + 1] = nulls[n + 2] = false;
    if (integer_key >= 0)
        formed_key =
            readers[integer_key].is_bigint ? DatumGetInt64(values[integer_key]) : DatumGetInt32(values[integer_key]);
    return heap_form_tuple(RelationGetDescr(relation), values.data(), nulls.get());
}

/// Makes tuples of the rows that are kept as text, in `formed`. The input functions say no by an error (a type
/// may know no other way): they run in a subtransaction, which goes on in another one after each value that is refused.
void bulk_insert::form_texts(row_batch &batch) {
    state &s = *s_;
    s.formed.assign(batch.rows.size(), nullptr);
    for (std::size_t first = 0; first < batch.rows.size();) {
        try {
            in_subtransaction([&] {
                call([&] {
                    error_context_stack = nullptr; // so that a context is that of what runs here
                    MemoryContext before = MemoryContextSwitchTo(s.memory);
                    for (std::size_t r = first; r < batch.rows.size(); ++r) {
                        s.at_row = r;
                        if (batch.rows[r].size == 0) {
                            s.formed[r] = s.form(batch, batch.rows[r]);
                            batch.rows[r].key = s.formed_key;
                        }
                    }
                    MemoryContextSwitchTo(before);
                });
            });
            return;
        } catch (const error &e) {
            // Not the value's fault: a cancel, a full disk, no memory. Class 42 is: the name of no type, the syntax of
            // a query; unless it is that of a function by which a domain checks.
            const bool of_value = e.blames_record() || (e.sqlstate.starts_with("42") &&
                                                        (!s.readers[s.at_column].is_domain || e.context.empty()));
            if (!of_value)
                throw;
            refuse(batch, s.at_row, s.at_column, e);
            first = s.at_row + 1;
        }
    }
}

void bulk_insert::refuse(row_batch &batch, std::size_t at, std::size_t column, const error &e) {
    const row_batch::batched_row &row = batch.rows[at];
    const row_batch::value_text &value = batch.texts[row.offset + column];
    reject rejected = std::move(batch.origins[row.data]);
    rejected.column = static_cast<int>(column);
    rejected.sqlstate = e.sqlstate;
    const bool hide = hide_values || s_->columns[column].md5;
    rejected.reason = describe_value(
        hide ? std::nullopt
             : std::optional(std::string_view(batch.bytes.data() + value.offset,
                                              static_cast<std::size_t>(std::max<std::int64_t>(value.size, 0)))),
        s_->columns[column].type);
    if (e.sqlstate.starts_with("P0") && !hide) // what a domain's own function says
        rejected.reason += ": " + e.message;
    batch.rejects.push_back(std::move(rejected));
}

std::string describe_value(std::optional<std::string_view> value, const std::string &type) {
    if (!value)
        return "the value is not of type " + type;
    return "\"" + text::shortened(*value, 103) + "\" is not of type " + type;
}

} // namespace barometre::pg
