#include "core/project/dbt/packages.h"

namespace barometre::project::dbt {

namespace {

/// The last part of org/name, or of an address that ends in name.git.
std::string last_part(std::string of) {
    while (of.ends_with('/'))
        of.pop_back();
    if (of.ends_with(".git"))
        of.resize(of.size() - 4);
    return of.substr(of.find_last_of("/:") + 1);
}

} // namespace

std::vector<package_entry> read_package_entries(yaml_map &top) {
    std::vector<package_entry> out;
    for (const YAML::Node &item : top.items("packages")) {
        yaml_map one = top.inner(item, "package");
        package_entry entry;
        entry.at = one.at();
        for (const char *key : {"package", "git", "private", "tarball", "local"})
            if (one.has(key) && entry.name.empty())
                entry.name = last_part(one.text(key));
        if (one.has("local"))
            entry.local = one.text("local");
        else if (one.has("tarball"))
            entry.name = one.text("name", entry.name);
        if (entry.name.empty())
            one.fail(one.at(), "the package has none of the keys package, git, local, private and tarball");
        out.push_back(std::move(entry));
    }
    return out;
}

} // namespace barometre::project::dbt
