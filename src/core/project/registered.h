#pragma once

#include "core/project/test_config.h"

namespace barometre::project {

/// What was registered by SQL alone stands beside the project's files. Where messages name a file, it has this.
std::string registered_place(const std::string &kind, const std::string &name); ///< model "by_day" (registered)
bool is_registered(const std::string &file);
/// The call that forgets it, for a HINT; empty when `file` is none of these.
std::string unregister_call(const std::string &file);

/// Where something in a file is, for messages: model "x" (models/x.sql, line 3), or model "x" (registered, line 3).
/// `line` 0: nothing is known of it.
std::string described(const std::string &what, const std::string &file, int line);

/// Where the model, seed or test of a name is; empty: there is none.
std::string holder_of(const project &p, const std::string &name);
/// Refuses a test of a file whose name is taken.
void refuse_taken(const project &p, const singular_test &t);

/// Refuses what is not text in UTF-8.
void check_registered(const registration &r);

/// The options as a mapping without lines, since they have none.
yaml_map registered_options(const project &p, const registration &r);
/// Those of models, each with its name: as a file with properties has them.
std::vector<yaml_map> registered_properties(const project &p, const std::vector<registration> &registered);

/// They read what is registered and add it to what the files gave. Models come without their properties.
void add_registered_streams(project &p, const std::vector<registration> &registered, const stream &defaults,
                            const test_rules &rules);
/// What files told of the streams of taps that discover: registrations of kind "discovered".
void add_discovered_streams(project &p, const std::vector<registration> &registered);
/// A stream that something names of such a tap, unless it is there; false: the tap does not discover.
bool add_discovered_stream(project &p, const std::string &tap, const std::string &name);
void add_registered_models(project &p, const std::vector<registration> &registered);
void add_registered_tests(project &p, const std::vector<registration> &registered, const test_rules &rules);

/// All of it, for the hash of the project.
std::string hashed_text(const std::vector<registration> &registered);

} // namespace barometre::project
