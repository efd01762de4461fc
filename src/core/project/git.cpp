#include "core/project/git.h"

#include <chrono>
#include <sstream>

namespace barometre::project {

namespace {

constexpr std::size_t largest_reference = 4096, largest_list = std::size_t{16} << 20;

/// Of a file below .git; empty: it can't be read.
std::string text_of(const file::root &folder, const std::string &file, std::size_t most) {
    try {
        return folder.read(".git/" + file, most).value_or("");
    } catch (const file::failure &) {
        return "";
    }
}

std::string first_line(const std::string &text) { return text.substr(0, text.find_first_of("\r\n")); }

/// Nothing else of a file is told: it may be a link to something that is no business of git's.
bool is_commit(const std::string &text) {
    return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

git_state git_state_of(const file::root &folder) {
    using namespace std::chrono;
    try {
        const microseconds made(folder.look(git_lock).content.mtime_us);
        return system_clock::now().time_since_epoch() - made > minutes(10) ? git_state::gone : git_state::at_work;
    } catch (const file::failure &) {
        return git_state::idle;
    }
}

std::string git_commit(const file::root &folder) {
    static constexpr char to_branch[] = "ref: ";
    const std::string head = first_line(text_of(folder, "HEAD", largest_reference));
    if (!head.starts_with(to_branch))
        return is_commit(head) ? head : "";
    const std::string branch = head.substr(sizeof to_branch - 1);
    if (!branch.starts_with("refs/"))
        return "";
    if (const std::string commit = first_line(text_of(folder, branch, largest_reference)); is_commit(commit))
        return commit;
    std::istringstream packed(text_of(folder, "packed-refs", largest_list));
    for (std::string line; std::getline(packed, line);)
        if (const std::size_t end = line.find(' '); end != std::string::npos && line.substr(end + 1) == branch)
            if (const std::string commit = line.substr(0, end); is_commit(commit))
                return commit;
    return "";
}

} // namespace barometre::project
