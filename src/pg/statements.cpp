#include "pg/statements.h"
#include "core/error.h"
#include "pg/guard.h"
#include "pg/pg.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace barometre::pg {

namespace {

enum class sort { definition, other, transaction };

/// A statement's place in the text, in bytes; of the last one the length may be 0: to the end.
struct part {
    int begin, length;
    sort what;
};

sort sort_of(const Node *statement) {
    switch (nodeTag(statement)) {
    case T_CreateFunctionStmt:
    case T_CompositeTypeStmt:
    case T_CreateEnumStmt:
    case T_CreateRangeStmt:
    case T_CreateDomainStmt:
    case T_DefineStmt: // an aggregate, an operator or a type
    case T_CreateCastStmt:
    case T_CreateSchemaStmt:
    case T_CreateExtensionStmt:
    case T_GrantStmt:
    case T_CommentStmt:
        return sort::definition;
    case T_TransactionStmt:
        return sort::transaction;
    default:
        return sort::other;
    }
}

/// Newlines stay, and so does the number of characters.
void blank(std::string &text, std::size_t begin, std::size_t end) {
    std::string kept;
    for (std::size_t i = begin; i < end; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
            kept += text[i] == '\n' ? '\n' : ' ';
    text.replace(begin, end - begin, kept);
}

} // namespace

split_script split_statements(const std::string &sql) {
    const char *text = sql.c_str();
    part *found = nullptr;
    int count = 0;
    call([&] {
        List *all = raw_parser(text, RAW_PARSE_DEFAULT);
        found = static_cast<part *>(palloc(sizeof(part) * static_cast<Size>(list_length(all) + 1)));
        ListCell *cell;
        foreach (cell, all) {
            const RawStmt *one = lfirst_node(RawStmt, cell);
            found[count].begin = std::max(one->stmt_location, 0);
            found[count].length = one->stmt_len;
            found[count].what = sort_of(one->stmt);
            ++count;
        }
    });
    const std::vector<part> parts(found, found + count);
    call([&] { pfree(found); });
    split_script out{sql, sql};
    for (std::size_t i = parts.size(); i-- > 0;) { // from the end: bytes before stay where they are
        const std::size_t begin = static_cast<std::size_t>(parts[i].begin);
        const std::size_t end = parts[i].length ? begin + static_cast<std::size_t>(parts[i].length) : sql.size();
        if (parts[i].what == sort::transaction)
            throw error(sqlstate::project_invalid, "a hook can't begin or end a transaction", "",
                        "It runs in the transaction of the call, which commits when all is done.");
        std::string &loses = parts[i].what == sort::definition ? out.others : out.definitions;
        blank(loses, begin, std::min(end + 1, loses.size())); // with its semicolon
    }
    return out;
}

} // namespace barometre::pg
