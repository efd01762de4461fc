#include "core/project/dbt/profile.h"
#include "core/error.h"
#include "core/project/templates.h"

#include <algorithm>

namespace barometre::project::dbt {

namespace {

std::string rendered(const yaml_map &map, const YAML::Node &node, const jinja::callbacks &context) {
    jinja::callbacks calls = context;
    return jinja::printed(native_value(node.Scalar(), map.at(node), calls));
}

} // namespace

profile read_profile(yaml_map &profiles, const std::string &name, const std::string &target,
                     const jinja::callbacks &context) {
    profile out;
    const YAML::Node &all = profiles.node();
    const YAML::Node mine = all[name];
    if (!mine.IsDefined() || !mine.IsMap()) {
        out.why = profiles.file() + " has no profile \"" + name + "\".";
        return out;
    }
    try {
        const YAML::Node &read_only = mine;
        out.target = target;
        if (out.target.empty() && read_only["target"].IsDefined() && read_only["target"].IsScalar())
            out.target = rendered(profiles, read_only["target"], context);
        if (out.target.empty())
            out.target = "default";
        const YAML::Node outputs = read_only["outputs"];
        if (!outputs.IsDefined() || !outputs.IsMap() || !outputs[out.target].IsDefined() ||
            !outputs[out.target].IsMap()) {
            out.why = "Profile \"" + name + "\" in " + profiles.file() + " has no output \"" + out.target + "\".";
            return out;
        }
        const YAML::Node one = outputs[out.target];
        const YAML::Node &only = one;
        if (!only["schema"].IsDefined() || !only["schema"].IsScalar()) {
            out.why =
                "Output \"" + out.target + "\" of profile \"" + name + "\" in " + profiles.file() + " has no schema.";
            return out;
        }
        out.schema = rendered(profiles, only["schema"], context);
    } catch (const error &e) { // an env_var, mostly
        if (e.is_intervention())
            throw;
        out.why = e.message + ".";
    }
    return out;
}

} // namespace barometre::project::dbt
