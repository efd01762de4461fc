// Looking for words in SQL, and for the types of what is no SQL.

#include "targets.h"

#include "core/sql/quote.h"
#include "core/sql/words.h"

#include <algorithm>

namespace barometre::fuzz {

void words(std::string_view input) {
    const std::string text(input);
    const auto found = sql::words(text);
    for (std::size_t i = 0; i < found.size(); ++i)
        require(!found[i].empty() &&
                    std::find(found.begin() + std::ptrdiff_t(i) + 1, found.end(), found[i]) == found.end(),
                "a word is empty or there twice: " + shown(found[i]));
    sql::calls_with_one_argument(text, "nextval");
    // What is quoted is a text, whatever it holds: no word of it is seen, but the E that may stand before it.
    const auto before = sql::words("select e from t");
    if (input.find('\0') == input.npos)
        for (const std::string &word : sql::words("select " + sql::quote_text(text) + " from t"))
            require(word.starts_with('\'') || std::find(before.begin(), before.end(), word) != before.end(),
                    "a word of a quoted text is seen: " + shown(word));
}

} // namespace barometre::fuzz
