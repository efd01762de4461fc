#pragma once

#include "core/error.h"
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
    project::project read(const std::vector<project::registration> &registered = {}) const {
        return project::read_project(file::root::open(path_.string()), registered);
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

} // namespace barometre
