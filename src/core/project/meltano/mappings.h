#pragma once

#include "core/project/meltano/document.h"

namespace barometre::project::meltano {

/// A stream that a tap's own becomes by a mapping.
struct mapped {
    std::string source;            ///< the tap's stream
    std::string name;              ///< what it is called then
    YAML::Node map;                ///< as barometre.yml has it; undefined: the stream stays as it is
    std::vector<std::string> keys; ///< key_properties, if `has_keys`
    bool has_keys = false;
};

/// What becomes of the streams of a tap by `stream_maps`, which may be undefined. `at`: where the mapping stands.
/// Throws project_invalid for what can't be done without Python.
std::vector<mapped> map_streams(const YAML::Node &stream_maps, const std::vector<std::string> &streams,
                                const yaml_map &at);

} // namespace barometre::project::meltano
