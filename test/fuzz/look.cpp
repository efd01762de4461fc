// What is said of a file before its records are read.

#include "targets.h"

#include "core/bytes/foreign.h"
#include "core/csv/look.h"
#include "core/csv/seed_types.h"
#include "core/text/utf8.h"

namespace barometre::fuzz {

void look(std::string_view input) {
    choices choose(input);
    csv::dialect how;
    how.delimiter = choose.one_of<std::string>({"", "", "", ",", "::"});
    how.quote = "\"\"'\0"[choose.below(4)];
    how.skip_lines = choose.below(3);
    how.coding.encoding = choose.one_of<std::string>({"utf-8", "utf-16", "utf-16le", "windows-1252"});
    how.coding.packed = choose.one_of<bytes::compression>(
        {bytes::compression::none, bytes::compression::none, bytes::compression::gzip, bytes::compression::zstd});
    how.coding.most = std::uint64_t{1} << 20;
    const std::size_t fields = choose.below(4);
    const memory_file file(choose.rest());
    try {
        const csv::look found = csv::look_at(file.descriptor, how, fields);
        require(text::is_utf8(found.candidates), "candidates that can't be shown");
        require(found.delimiter.empty() || how.delimiter.empty() || found.sep_line || found.delimiter == how.delimiter,
                "another delimiter than was declared: " + shown(found.delimiter));
    } catch (const error &e) {
        require(e.sqlstate == sqlstate::bad_file, e.sqlstate + ": " + e.message);
    }
    for (const std::string &said : {bytes::foreign_content(choose.rest(), how.coding.packed, how.coding.encoding),
                                    bytes::other_encoding(choose.rest(), how.coding.encoding)})
        require(text::is_utf8(said), "a sentence that can't be shown");
    if (text::is_utf8(choose.rest())) {
        csv::seed_type type(choose.rest().size() % 2 ? '.' : ',');
        for (std::size_t at = 0; at <= choose.rest().size();) {
            const std::size_t end = std::min(choose.rest().find('\n', at), choose.rest().size());
            type.see(choose.rest().substr(at, end - at));
            at = end + 1;
        }
        require(!type.sql_name().empty(), "a type without a name");
    }
}

} // namespace barometre::fuzz
