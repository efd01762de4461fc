#include "core/jinja/macro_library.h"
#include "core/jinja/ast.h"
#include "core/jinja/evaluate.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

constexpr std::size_t most_parts = 2'000'000; ///< of all files together, which stay in memory

} // namespace

/// A file whose macros are looked for when one of them is called. All copies of a library have it together.
class macro_library::unparsed {
public:
    unparsed(std::string source, std::string file) : source_(std::move(source)), file_(std::move(file)) {}

    const node *find(const std::string &name) {
        if (!whole_)
            whole_ = std::make_unique<const parsed>(parse(source_, file_));
        for (const node &n : whole_->root.kids)
            if (n.what == node::kind::macro && n.text == name)
                return &n;
        return nullptr;
    }

private:
    std::string source_, file_;
    std::unique_ptr<const parsed> whole_;
};

void macro_library::add_built_in(std::string source, std::string file, const std::string &package,
                                 const std::vector<std::string> &names) {
    const auto in = std::make_shared<unparsed>(std::move(source), std::move(file));
    std::map<std::string, macro> &macros = packages_[package];
    for (const std::string &name : names)
        macros.try_emplace(name, macro{nullptr, package, true, in});
}

void macro_library::add(const std::string &source, const std::string &file, const std::string &package) {
    auto whole = std::make_shared<const parsed>(parse(source, file));
    std::map<std::string, macro> &macros = packages_[package];
    parts_ += whole->parts;
    if (parts_ > most_parts)
        fail(whole->root.at, "the macros of the project have too many parts", "Keep there only what is used.");
    for (const node &n : whole->root.kids) {
        if (n.what != node::kind::macro) // what stands beside macros has no effect, as in dbt: it is never rendered
            continue;
        if (is_reserved(n.text))
            fail(n.at, "the macro \"" + n.text + "\" has the name of something else", "Rename it.");
        if (auto [other, added] = macros.try_emplace(n.text, macro{&n, package});
            !added && !other->second.is_built_in) {
            const position &there = other->second.of->at;
            fail(n.at, "the macro \"" + n.text + "\" is there twice",
                 "The other is in " + *there.file + ", line " + std::to_string(there.line) + ".");
        }
    }
    files_.push_back(std::move(whole));
}

void macro_library::set_search_order(const std::string &package, std::vector<std::string> packages) {
    orders_[package] = std::move(packages);
}

/// The project has two names.
const std::string &macro_library::known_as(const std::string &package) const {
    static const std::string own;
    return package == project_ ? own : package;
}

const macro_library::macro *macro_library::find_in(const std::string &package, const std::string &name) const {
    const auto macros = packages_.find(known_as(package));
    if (macros == packages_.end())
        return nullptr;
    const auto found = macros->second.find(name);
    if (found == macros->second.end())
        return nullptr;
    macro &m = found->second;
    if (!m.of)
        m.of = m.in->find(name);
    return m.of ? &m : nullptr;
}

const macro_library::macro *macro_library::find(const std::string &name, const std::string &package) const {
    if (const std::size_t dot = name.find('.'); dot != std::string::npos)
        return find_in(name.substr(0, dot), name.substr(dot + 1));
    for (const std::string &where : {package, std::string(), std::string(dbt_package)})
        if (const macro *found = find_in(where, name))
            return found;
    return nullptr;
}

bool macro_library::has_package(const std::string &name) const { return packages_.count(known_as(name)) > 0; }

std::vector<std::string> macro_library::search_order(const std::string &package) const {
    const auto order = orders_.find(package);
    return order == orders_.end() ? std::vector<std::string>{"", package} : order->second;
}

const macro_library::macro *macro_library::dispatched(const std::string &name, const std::vector<std::string> &packages,
                                                      std::vector<std::string> &looked) const {
    for (const std::string &where : packages)
        for (const char *prefix : {"postgres__", "default__"}) {
            if (const macro *found = find_in(where, prefix + name))
                return found;
            looked.push_back((where.empty() ? "" : where + ".") + prefix + name);
        }
    return nullptr;
}

std::vector<std::string> macro_library::names(const std::string &package) const {
    std::vector<std::string> out;
    if (const auto macros = packages_.find(known_as(package)); macros != packages_.end())
        for (const auto &one : macros->second)
            out.push_back(one.first);
    return out;
}

std::optional<macro_signature> macro_library::signature(const std::string &name) const {
    const std::size_t dot = name.find('.');
    const macro *found = dot == std::string::npos ? find_in("", name) : find(name);
    if (!found)
        return std::nullopt;
    const node &n = *found->of;
    return macro_signature{n.names, n.names.size() - (n.kids.size() - 1), (n.fixed.integer() & node::kwargs) != 0,
                           *n.at.file, n.at.line};
}

} // namespace barometre::jinja
