#pragma once

#include "core/project/project.h"

#include <yaml-cpp/yaml.h>

#include <memory>
#include <string_view>

namespace barometre::project {

/// Names as a sentence has them: a, b and c.
std::string joined(const std::vector<std::string> &names);

/// A YAML mapping that knows where it stands and which keys were asked for, so
/// that every mistake is an error that names file, line and key. With `found`, it is of another program's file, which
/// is read as PyYAML does: a key that nobody asked for is noted there, and one without a value is not there.
class yaml_map {
public:
    using findings_of = std::shared_ptr<findings>;

    /// The top of a file. `shown`: the file's name in messages. Throws project_invalid, also when the project has
    /// nothing more to spend.
    static yaml_map parse(const std::string &text, const std::string &shown, budget &spending, findings_of found = {});
    /// What a text holds, whatever it is; otherwise the same.
    static YAML::Node load(const std::string &text, const std::string &shown, budget &spending,
                           const findings_of &found = {});
    /// `what`: the mapping in messages: stream "experiences". `line`: of what was not read from YAML.
    yaml_map(YAML::Node node, std::string file, std::string what, int line = 0, findings_of found = {});

    bool has(const std::string &key);         ///< also marks the key as known
    std::string text(const std::string &key); ///< required
    std::string text(const std::string &key, const std::string &otherwise);
    bool boolean(const std::string &key, bool otherwise);
    int integer(const std::string &key, int otherwise);
    std::string choice(const std::string &key, const std::vector<std::string> &choices, const std::string &otherwise);
    std::vector<std::string> texts(const std::string &key);        ///< a scalar is a list of one; absent: empty
    yaml_map map(const std::string &key, const std::string &what); ///< absent: empty
    std::vector<yaml_map> maps(const std::string &key,
                               const std::string &what); ///< a list of mappings, each with a name
    /// The items of such a list, to be read one by one with named(), so that one can be wrong beside the others.
    std::vector<YAML::Node> items(const std::string &key);
    yaml_map named(const YAML::Node &item, const std::string &what) const; ///< a mapping that has a name
    YAML::Node raw(const std::string &key);
    yaml_map inner(const YAML::Node &node, const std::string &what) const; ///< a mapping that stands in this one
    const YAML::Node &node() const { return node_; }

    void rename(std::string what) { what_ = std::move(what); }
    const std::string &what() const { return what_; }
    const std::string &file() const { return file_; }
    place at() const;
    place at(const std::string &key) const;
    place at(const YAML::Node &node) const;

    /// Raises on a key that nobody asked for, or notes it.
    void finish() const;
    /// Keys that another program knows and that mean nothing here; in barometre's own files they stay unknown.
    void ignore(const std::vector<std::string> &keys);
    const findings_of &found() const { return found_; } ///< none: the file is barometre's own
    [[noreturn]] void fail(const place &where, const std::string &message, const std::string &detail = {},
                           const std::string &hint = {}) const;

private:
    YAML::Node find(const std::string &key) const;
    std::string scalar(const YAML::Node &value, const std::string &key, const char *wanted);

    struct key_seen {
        std::string_view word; ///< of the node
        bool has_value;
    };
    const key_seen *see(const std::string &key);

    YAML::Node node_;
    /// What the node has, since going through it takes long and dozens of keys are asked for; looked at anew when it
    /// was given more.
    std::vector<key_seen> keys_;
    std::string file_, what_;
    int line_;
    findings_of found_;
    std::vector<std::string> known_; ///< keys that were asked for, some of them twice
};

} // namespace barometre::project
