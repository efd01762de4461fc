#pragma once

#include "core/error.h"

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace barometre::project {

/// A place in a file of the project, for messages: "models/exp_geo.yml:12".
struct place {
    std::string file; ///< relative to the project folder
    int line = 0;     ///< from 1; 0: the whole file
    std::string text() const;
    bool operator==(const place &) const = default;
};

/// What is said in a file of another program, such as dbt's, and does not count here, or counts otherwise.
struct note {
    std::string kind;   ///< key, value, entry, test, file, hook
    std::string name;   ///< of the key, or of what is not used
    std::string change; ///< ignored, overridden, skipped, taken ...
    place at;
    std::string detail;      ///< whose it is, and what to do; may be empty
    bool is_warning = false; ///< it may not be what was meant
    bool is_told = true;     ///< by every call that reads a changed project; else the report alone has it
};

/// What could not be read, so that something of the project can't be used.
struct problem {
    std::string kind, name; ///< of what can't be used: a model, a file; two of one kind and name are one problem
    place at;
    error why;
    std::string message() const; ///< without the place
};

/// What was found while a project was read, beside the project.
struct findings {
    std::vector<note> notes;
    std::vector<problem> problems;
    bool keeps_names = false; ///< names of schemas and relations stand as they are, in any case: the project is dbt's

    void add(note n) { ///< once for each place
        if (noted_.emplace(n.kind, n.name, n.at.file, n.at.line).second)
            notes.push_back(std::move(n));
    }
    void ignored(const std::string &key, const place &at, const std::string &detail, bool is_warning = false) {
        add({"key", key, "ignored", at, detail, is_warning});
    }

private:
    std::set<std::tuple<std::string, std::string, std::string, int>> noted_; ///< kind, name and place
};

} // namespace barometre::project
