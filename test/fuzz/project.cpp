// Whatever lies in a project's folder, or is registered by SQL, it is a project or an error that names what is wrong.

#include "targets.h"

#include "core/error.h"
#include "core/project/dependencies.h"
#include "core/project/export.h"
#include "core/project/project.h"
#include "core/text/utf8.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace barometre::fuzz {

namespace {

/// A folder that is filled anew for each input.
class project_place {
public:
    project_place() {
        const char *where = std::getenv("TMPDIR");
        std::string name = std::string(where ? where : "/tmp") + "/barometre-fuzz.XXXXXX";
        if (!::mkdtemp(name.data()))
            std::abort();
        path_ = name;
    }
    ~project_place() { clear(true); }
    project_place(const project_place &) = delete;
    project_place &operator=(const project_place &) = delete;
    void clear(bool all = false) {
        std::error_code ignored;
        if (all)
            std::filesystem::remove_all(path_, ignored);
        else
            for (const auto &one : std::filesystem::directory_iterator(path_))
                std::filesystem::remove_all(one, ignored);
    }
    void add(const std::string &file, std::string_view text) {
        std::error_code ignored; // a file may stand where a folder is wanted: then it is not there
        std::filesystem::create_directories((path_ / file).parent_path(), ignored);
        std::ofstream(path_ / file) << text;
    }
    std::shared_ptr<const file::root> open() const { return file::root::open(path_.string()); }

private:
    std::filesystem::path path_;
};

project_place &fresh_place() {
    static project_place place;
    place.clear();
    return place;
}

/// Parts of an input, each after a line "=== NAME"; the first has none.
std::vector<std::pair<std::string, std::string_view>> parts_of(std::string_view input) {
    std::vector<std::pair<std::string, std::string_view>> out{{"", {}}};
    for (std::size_t at = 0, begin = 0;;) {
        const std::size_t end = std::min(input.find('\n', at), input.size());
        const std::string_view line = input.substr(at, end - at);
        const bool heads = line.starts_with("=== ");
        if (heads || end == input.size())
            out.back().second = input.substr(begin, (heads ? at : input.size()) - begin);
        if (heads)
            out.emplace_back(line.substr(4), std::string_view());
        if (end == input.size())
            return out;
        at = end + 1;
        if (heads)
            begin = at;
    }
}

/// A path below the folder that any file system takes; empty: it is none.
std::string plain_path(std::string_view name) {
    if (name.size() > 60 || name.starts_with('/') || name.ends_with('/') || name.find("..") != name.npos ||
        name.find("//") != name.npos || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_./-") != name.npos)
        return "";
    return std::string(name);
}

std::optional<project::project> read(const project_place &place,
                                     const std::vector<project::registration> &registered = {}) {
    try {
        auto p = project::read_project(place.open(), registered);
        for (const auto &m : p.models)
            require(!m.name.empty() && m.name.size() <= 63 && text::is_utf8(m.name), "the name of a model: " + m.name);
        return p;
    } catch (const error &e) {
        require(e.sqlstate.starts_with("BM"), e.sqlstate + ": " + e.message);
        require(!e.message.empty(), "an error without a message");
        for (const std::string &said : {e.message, e.detail, e.hint})
            require(text::is_utf8(said) && said.find('\0') == said.npos,
                    "an error that can't be shown: " + shown(said));
        return std::nullopt;
    }
}

} // namespace

/// Parts are files; the first is barometre.yml.
void project(std::string_view input) {
    project_place &place = fresh_place();
    for (const auto &[name, text] : parts_of(input))
        if (const std::string path = name.empty() ? "barometre.yml" : plain_path(name); !path.empty())
            place.add(path, text);
    read(place);
}

/// Parts are registrations, "=== KIND NAME", whose first line are the options and the others the query.
void registered(std::string_view input) {
    project_place &place = fresh_place();
    place.add("barometre.yml", "version: 1\nname: p\n");
    std::vector<project::registration> all;
    for (const auto &[name, text] : parts_of(input)) {
        const std::size_t space = name.find(' '), line = text.find('\n');
        if (space == name.npos)
            continue;
        all.push_back({name.substr(0, space), name.substr(space + 1),
                       std::string(line == text.npos ? "" : text.substr(line + 1)), std::string(text.substr(0, line))});
    }
    const auto p = read(place, all);
    if (!p)
        return;
    const auto files = project::export_registered(*p, all);
    place.clear();
    for (const auto &file : files)
        place.add(file.path, file.text);
    try {
        const auto again = project::read_project(place.open());
        require(again.models.size() == p->models.size() && again.tests.size() == p->tests.size() &&
                    again.taps.size() == p->taps.size(),
                "what was exported is another project");
    } catch (const error &e) {
        std::string all_files;
        for (const auto &file : files)
            all_files += "=== " + file.path + "\n" + file.text;
        throw finding("what was exported can't be read: " + e.message + " " + e.detail + "\n" + shown(all_files));
    }
}

} // namespace barometre::fuzz
