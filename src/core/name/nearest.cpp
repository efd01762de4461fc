#include "core/name/nearest.h"
#include "core/interrupts.h"
#include "core/name/column_name.h"
#include "core/text/ascii.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::name {

std::string nearest(std::string_view name, const std::vector<std::string> &known) {
    const auto plain = [](std::string_view s) {
        const bool is_ascii = std::all_of(s.begin(), s.end(), [](char c) { return !(c & 0x80); });
        std::string out = is_ascii ? std::string(s) : folded(s);
        for (char &c : out)
            c = c == '-' ? '_' : text::lower(c);
        return out;
    };
    const std::string wanted = plain(name);
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
    constexpr std::size_t longest = 256; // what is longer is no name that somebody mistyped
    if (name.size() > longest)
        return "";
    for (const std::string &candidate : known) {
        check_interrupts();
        if (candidate.size() > longest)
            continue;
        const std::string other = plain(candidate);
        // Levenshtein's distance, one row of the table at a time.
        std::vector<std::size_t> row(other.size() + 1);
        for (std::size_t j = 0; j <= other.size(); ++j)
            row[j] = j;
        for (std::size_t i = 1; i <= wanted.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= other.size(); ++j) {
                std::size_t above = row[j];
                row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (wanted[i - 1] != other[j - 1])});
                diagonal = above;
            }
        }
        // What has hardly a letter in common is no near miss, however short it is.
        const std::size_t distance = row[other.size()];
        const std::size_t shorter = std::min(wanted.size(), other.size()),
                          longer = std::max(wanted.size(), other.size());
        if (distance < best_distance && (distance < shorter || distance == 0 || (distance == 1 && longer > 1))) {
            best_distance = distance;
            best = candidate;
        }
    }
    if (!best.empty())
        return best;
    // Else the only one that says more, or less, by whole words: id_new of id.
    const auto has_words = [](std::string_view whole, std::string_view part) {
        const std::size_t at = part.empty() ? std::string_view::npos
                                            : ('_' + std::string(whole) + '_').find('_' + std::string(part) + '_');
        return at != std::string_view::npos;
    };
    for (const std::string &candidate : known)
        if (const std::string other = plain(candidate); has_words(other, wanted) || has_words(wanted, other)) {
            if (!best.empty())
                return "";
            best = candidate;
        }
    return best;
}

error unknown(const std::string &what, const std::string &name, const std::vector<std::string> &known) {
    const std::string near = nearest(name, known);
    return error(sqlstate::unknown_name, "there is no " + what + " \"" + name + "\" in the project", "",
                 !near.empty()   ? "Did you mean \"" + near + "\"?"
                 : known.empty() ? "The project has no " + what + " at all."
                                 : "There are: " + text::join(known) + ".");
}

} // namespace barometre::name
