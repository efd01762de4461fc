#include "core/project/project_files.h"
#include "core/interrupts.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <filesystem>

namespace barometre::project {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;
/// More than any project has; what others put there must not cost the server's time and memory.
constexpr int deepest_folder = 64;
constexpr std::size_t most_names = 100'000;

using reason = file::failure::reason;

/// As the files of a project speak of it.
error in_words(const file::failure &e, const file::root &project, const std::string &shown) {
    const std::string name = text::quoted(shown), where = "The file is " + text::quoted(project.full(shown)) + ".";
    if (e.why == reason::outside)
        return {sqlstate::bad_file, name + " lies outside the project",
                "It leads to " + text::quoted(e.target) + " by a symbolic link.",
                "Put the file itself into the project."};
    if (e.why == reason::exchanged)
        return {sqlstate::bad_file, name + " of the project " + e.clause, where,
                "Call again once the new files of the project are in their place."};
    if (e.why == reason::kind)
        return {sqlstate::bad_file, name + " of the project " + e.clause, where,
                "Remove it, or put a file with that name in its place."};
    return {sqlstate::bad_file, "could not read " + name + " of the project: " + e.clause, where,
            "Check barometre.project_directory, and that the server's operating system user may read the file."};
}

error cannot_list(const file::failure &e, const file::root &project, const std::string &shown) {
    if (e.why == reason::outside)
        return in_words(e, project, shown);
    if (e.why == reason::exchanged || e.why == reason::kind)
        return {sqlstate::bad_file, "folder " + text::quoted(shown) + " of the project " + e.clause,
                "It is " + text::quoted(project.full(shown)) + ".", "Put a folder in its place, or remove it."};
    return {sqlstate::bad_file, "could not list folder " + text::quoted(project.full(shown)) + ": " + e.clause, "",
            "Let the operating system's user of the server read the project."};
}

/// One look into folders, and those that lie in them.
class listing {
public:
    using refusal = std::function<void(const std::string &file, const error &)>;
    listing(const std::shared_ptr<const file::root> &project, const std::vector<std::string> &extensions,
            const refusal &refused)
        : project_(project), extensions_(extensions), refused_(refused) {}

    void add(const std::string &shown) {
        try {
            add_all_of(file::folder(project_, shown), shown, 1);
        } catch (const file::failure &e) {
            if (e.why != reason::missing)
                throw cannot_list(e, *project_, shown);
        }
    }
    std::vector<std::string> found;

private:
    void add_all_of(const file::folder &in, const std::string &shown, int depth) {
        if (depth > deepest_folder)
            throw error(sqlstate::bad_file, "the folders in " + text::quoted(shown) + " of the project nest too deep",
                        "", "Lay them beside each other.");
        std::vector<std::string> names;
        in.each([&](const std::string &name, std::optional<file::kind> what) {
            check_interrupts();
            if (++seen_ > most_names)
                throw error(sqlstate::bad_file,
                            "folder " + text::quoted(shown) + " of the project holds more than 100 000 files", "",
                            "Keep there only what belongs to the project.");
            // What can't be among them is not looked at: for each extension all files of a project are listed.
            if (!name.starts_with('.') && (what != file::kind::regular || has_extension(name)))
                names.push_back(name);
        });
        for (const std::string &name : names)
            add_one(in, name, shown.empty() ? name : shown + "/" + name, depth);
    }

    void add_one(const file::folder &in, const std::string &name, const std::string &shown, int depth) {
        check_interrupts();
        try {
            file::entry there = in.at(name);
            const bool is_folder = there.what == file::kind::folder;
            if (!is_folder && !has_extension(name))
                return;
            check_name(shown);
            if (is_folder)
                return add_all_of(in.inner(name), shown, depth + 1);
            if (there.what == file::kind::link)
                there = project_->look(in.path_of(name));
            if (there.what != file::kind::regular)
                throw file::not_regular(shown, there.what);
            found.push_back(shown);
        } catch (const file::failure &e) {
            if (e.why == reason::missing) // it went while the folder was being read
                return;
            if (!refused_)
                throw in_words(e, *project_, shown);
            refused_(shown, in_words(e, *project_, shown));
        }
    }

    bool has_extension(const std::string &name) const {
        return std::any_of(extensions_.begin(), extensions_.end(),
                           [&](const std::string &one) { return name.ends_with(one); }) &&
               text::contains(extensions_, fs::path(name).extension().string());
    }

    /// Names go into messages, results and the registry.
    static void check_name(const std::string &shown) {
        if (!text::is_utf8(shown))
            throw error(sqlstate::bad_file, "the name of a file of the project is not in UTF-8",
                        "Its bytes are " + text::hex(shown) + ".", "Rename it.");
        std::string line = shown;
        std::replace_if(line.begin(), line.end(), text::is_control, ' ');
        if (line != shown)
            throw error(sqlstate::bad_file, "there is a control character in the name of a file of the project",
                        "With spaces in their place it is " + text::quoted(line) + ".", "Rename it.");
    }

    const std::shared_ptr<const file::root> &project_;
    const std::vector<std::string> &extensions_;
    const refusal &refused_;
    std::size_t seen_ = 0;
};

} // namespace

std::vector<std::string> list_files(const std::shared_ptr<const file::root> &project,
                                    const std::vector<std::string> &folders, const std::vector<std::string> &extensions,
                                    const std::function<void(const std::string &file, const error &)> &refused) {
    listing all(project, extensions, refused);
    for (const std::string &folder : folders) {
        std::string shown = (fs::path(folder) / "").lexically_normal().string(); // "./models" is models
        shown.erase(shown.find_last_not_of("/") + 1);
        all.add(shown == "." ? "" : shown);
    }
    std::sort(all.found.begin(), all.found.end());
    return std::move(all.found);
}

std::vector<std::string> list_folders(const std::shared_ptr<const file::root> &project, const std::string &folder) {
    std::vector<std::string> out;
    try {
        const file::folder in(project, folder);
        in.each_name([&](const std::string &name) {
            check_interrupts();
            if (!name.starts_with('.') && out.size() < most_names && in.at(name).what == file::kind::folder)
                out.push_back(name);
        });
    } catch (const file::failure &e) {
        if (e.why != reason::missing)
            throw cannot_list(e, *project, folder);
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool is_there(const file::root &project, const std::string &file) {
    try {
        project.look(file);
        return true;
    } catch (const file::failure &e) {
        return e.why != reason::missing;
    }
}

void check_text(std::string_view text, const std::string &shown) {
    const std::size_t at = std::min(text::utf8_size(text), text.find('\0'));
    if (at >= text.size())
        return;
    const text::spot where = text::spot_of(text, at);
    const bool is_utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
    const char *from = is_utf16 ? "UTF-16" : "WINDOWS-1252";
    throw error(sqlstate::project_invalid,
                shown + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) +
                    (is_utf16        ? ": this is UTF-16, not UTF-8"
                     : text[at] == 0 ? ": there is a NUL byte"
                                     : ": byte 0x" + text::hex(text.substr(at, 1)) + " is not UTF-8"),
                "The encoding of the database is UTF8, and all that it takes from a project is text in it.",
                text[at] == 0 && !is_utf16
                    ? "Remove it."
                    : std::string("Save it as UTF-8, for example by: iconv -f ") + from + " -t UTF-8 OLD >NEW");
}

namespace {

/// `read`: reads so many bytes at most.
std::string checked_text(const file::root &project, const std::string &file,
                         const std::function<std::optional<std::string>(std::size_t most)> &read) {
    static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    const bool is_yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    try {
        if (auto text = read(is_yaml ? mebibyte : 16 * mebibyte)) {
            std::size_t marks = 0; // tools that join files leave several
            while (std::string_view(*text).substr(marks).starts_with(byte_order_mark))
                marks += byte_order_mark.size();
            text->erase(0, marks);
            check_text(*text, file);
            return std::move(*text);
        }
    } catch (const file::failure &e) {
        throw in_words(e, project, file);
    }
    throw error(sqlstate::project_invalid, file + ": the file is larger than " + (is_yaml ? "1" : "16") + " MiB");
}

} // namespace

std::string read_text(const file::root &project, const std::string &file) {
    return checked_text(project, file, [&](std::size_t most) { return project.read(file, most); });
}

std::string read_text(const file::root &project, const std::string &file, const file::entry &found) {
    return checked_text(project, file, [&](std::size_t most) { return project.read(file, found, most); });
}

} // namespace barometre::project
