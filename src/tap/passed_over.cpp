#include "tap/passed_over.h"
#include "core/text/text.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "tap/stream.h"

namespace barometre::tap {

namespace {

std::string counted(std::size_t n, const char *one, const char *more) {
    return std::to_string(n) + (n == 1 ? one : more);
}

/// Why no file is read.
std::string reason(const project::stream &stream, const passed_over &others) {
    const std::size_t young = others.wait.size() - others.future,
                      all = others.wait.size() + others.old + others.forgotten.size();
    if (others.no_folder)
        return "its folder \"" + stream.path + "\" is not there yet";
    if (all == 0)
        return "no file in \"" + stream.path + "\" matches \"" + stream.pattern + "\"";
    std::string parts;
    if (others.old > 0)
        text::append(parts, counted(others.old, " is older than start_date", " are older than start_date"));
    if (young > 0)
        text::append(parts, counted(young, " is younger than min_age", " are younger than min_age"));
    if (others.future > 0)
        text::append(parts, counted(others.future, " is dated in the future", " are dated in the future"));
    if (!others.forgotten.empty())
        text::append(parts, counted(others.forgotten.size(), " was forgotten", " were forgotten"));
    return (all == 1 ? "the only file" : "none of the " + std::to_string(all) + " files") + " in \"" + stream.path +
           "\" that match" + (all == 1 ? "es \"" : " \"") + stream.pattern + "\" is " +
           (all == 1 ? "not read: " : "read: ") + parts;
}

std::string remedy(const passed_over &others) {
    if (others.no_folder)
        return "It is looked for below barometre.data_directory at each run.";
    std::string out;
    if (others.old > 0)
        text::append(out, "Set start_date of the stream to an earlier day.", " ");
    if (others.wait.size() > others.future)
        text::append(out, "A later run reads files that are old enough.", " ");
    if (others.future > 0)
        text::append(out,
                     "What is dated in the future waits until then: correct its time (touch), or the clock of who "
                     "wrote it.",
                     " ");
    if (!others.forgotten.empty())
        text::append(out, "With full_refresh => true a load takes what was forgotten.", " ");
    return out.empty() ? "The pattern is a regular expression that must match the whole file name." : out;
}

bool has_rows(const project::stream &stream) {
    return pg::project_sql("SELECT EXISTS (SELECT FROM " + table_of(stream) + ")").yes(0, 0);
}

} // namespace

std::string no_data(const std::vector<std::string> &names) {
    if (names.empty())
        return "";
    return "the pattern matches " + counted(names.size(), " name that is no data: ", " names that are no data: ") +
           text::first_of(names, 3);
}

void tell_passed_over(const project::stream &stream, const purpose &why, const discovered &found) {
    const passed_over &others = found.others;
    if (!others.no_data.empty())
        why.tell(shown(stream) + ": " + no_data(others.no_data));
    if (found.files.empty()) {
        if (!found.left_out.empty() && !why.full_refresh)
            return; // which is told with the reasons
        const std::string what = found.left_out.empty() ? reason(stream, others) : "none of its files can be loaded";
        if (why.full_refresh && found.table_exists && has_rows(stream))
            throw error(sqlstate::contract, shown(stream) + ": full_refresh would empty its table, because " + what, "",
                        (found.left_out.empty() ? remedy(others) : "Correct them.") +
                            " To empty the table in earnest:  TRUNCATE " + table_of(stream) + ";");
        pg::warning(shown(stream) + ": " + what, remedy(others));
        return;
    }
    if (!others.forgotten.empty()) {
        std::vector<std::string> names;
        for (const seen_file &f : others.forgotten)
            names.push_back(text::quoted(f.file.name));
        why.tell(shown(stream) + ": " + counted(names.size(), " file is", " files are") +
                 " not read, whose content was forgotten: " + text::first_of(names, 3));
    }
    if (others.wait.empty())
        return;
    const std::size_t young = others.wait.size() - others.future;
    std::vector<std::string> names;
    for (const std::string &name : others.wait)
        names.push_back(text::quoted(name));
    if (others.wait.size() == 1)
        why.tell(shown(stream) + ": file " + text::quoted(others.wait.front()) +
                 (young ? " is younger than min_age" : " is dated in the future") + " and waits for a later run");
    else
        why.tell(shown(stream) + ": " + std::to_string(others.wait.size()) +
                 " files are younger than min_age and wait " + "for a later run" +
                 (others.future ? ", " + std::to_string(others.future) + " of them dated in the future" : "") + ": " +
                 text::first_of(names, 3));
}

} // namespace barometre::tap
