#pragma once

#include "core/error.h"
#include "core/project/builtin_packages.h"
#include "core/project/project.h"

#include <filesystem>
#include <fstream>

namespace barometre {

/// How the barometre.yml of most tests begins.
inline const std::string head = "version: 1\nname: p\n";

/// A project folder that goes away with the test.
class folder {
public:
    folder() {
        char name[] = "/tmp/barometre-test.XXXXXX";
        path_ = ::mkdtemp(name);
    }
    folder(folder &&other) noexcept { path_.swap(other.path_); }
    folder &operator=(folder &&other) noexcept {
        path_.swap(other.path_);
        return *this;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder &with(const std::string &file, const std::string &text) {
        std::filesystem::create_directories((path_ / file).parent_path());
        std::ofstream(path_ / file) << text;
        return *this;
    }
    std::string path() const { return path_.string(); }
    /// As it is, with its problems.
    project::project look(const std::vector<project::registration> &registered = {},
                          const project::surroundings &around = {}) const {
        project::surroundings all = around;
        static const auto built_in = project::read_builtin_packages(file::root::open("packages"));
        all.packages = built_in;
        return project::read_project(file::root::open(path_.string()), registered, project::schema_names::refused, all);
    }
    /// The same, where there must be no problem: throws the first one.
    project::project read(const std::vector<project::registration> &registered = {}) const {
        project::project p = look(registered);
        if (!p.found->problems.empty())
            throw p.found->problems.front().why;
        return p;
    }
    /// What is noted of a key: change, place and detail; empty: nothing.
    std::string note(const std::string &name) const {
        const auto found = look().found;
        for (const project::note &n : found->notes)
            if (n.name == name)
                return n.change + " " + n.at.text() + " " + n.detail;
        return "";
    }
    error failure(const std::vector<project::registration> &registered = {}) const {
        try {
            read(registered);
        } catch (const error &e) {
            return e;
        }
        return error("00000", "no error");
    }

private:
    std::filesystem::path path_;
};

/// What could not be read, a line each.
inline std::string problems(const project::project &p) {
    std::string out;
    for (const project::problem &one : p.found->problems)
        out += one.at.text() + " " + one.name + ": " + one.message() + "\n";
    return out;
}

} // namespace barometre
