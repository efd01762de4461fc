#include "core/json/key_tree.h"
#include "core/json/padding.h"
#include "core/text/utf8.h"

#include <cstring>

namespace barometre::json {

key_tree::entry *key_tree::node::guess(const char *raw) {
    if (expected >= entries.size())
        return nullptr;
    entry *e = entries[expected].get();
    const std::size_t size = e->key.size();
    if (!e->is_plain || size >= padding || std::memcmp(raw, e->key.data(), size) != 0 || raw[size] != '"')
        return nullptr;
    ++expected;
    return e;
}

std::string key_tree::name_of(std::string_view key) {
    const std::string name(key);
    return text::is_blank(key) ? "\"" + name + "\"" : name;
}

key_tree::entry *key_tree::node::find(std::string_view key) {
    const auto at = by_key.find(key);
    if (at == by_key.end())
        return nullptr;
    expected = at->second->place + 1;
    return at->second;
}

key_tree::entry *key_tree::node::add(std::string_view key) {
    entries.push_back(std::make_unique<entry>());
    entry *e = entries.back().get();
    e->key = key;
    e->place = entries.size() - 1;
    e->is_plain = key.find_first_of("\"\\") == std::string_view::npos;
    by_key.emplace(e->key, e);
    expected = entries.size();
    return e;
}

key_tree::node &key_tree::below(const node &parent, entry &e) {
    if (!e.below) {
        e.below = std::make_unique<node>();
        e.below->prefix = parent.prefix + e.name() + "__";
    }
    return *e.below;
}

} // namespace barometre::json
