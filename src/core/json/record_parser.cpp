#include "core/json/record_parser.h"
#include "core/json/parser_state.h"
#include "core/json/scalar.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <utility>

namespace barometre::json {

using record::found_type;

namespace {

/// Of keys that are no fields so many are remembered.
constexpr std::size_t most_passed_over = 4096;

/// What a value is that is no object.
std::string described(std::string_view value) {
    const std::string_view token = trimmed(value);
    return token.empty()                        ? "nothing"
           : token.starts_with('[')             ? "an array"
           : token.starts_with('"')             ? "a text"
           : !kind_of(token)                    ? "no JSON at all"
           : token == "null"                    ? "null"
           : token[0] == 't' || token[0] == 'f' ? "true or false"
                                                : "a number";
}

} // namespace

struct record_parser::walk : value_walk {
    record_parser &p;
    const char *begin; ///< of the text

    /// The members of a record, or of an object in it that is flattened.
    bool members(od::value &v, std::string_view token, key_tree::node &node, std::size_t level, const char *&after) {
        after = token.data() + 1;
        node.expected = 0;
        node.had.clear();
        return each_member(v,
                           [&](od::field &found) {
                               key_tree::entry *const e = entry_of(found, node);
                               if (!e)
                                   return false;
                               if (e->seen_in == p.s_->record)
                                   forget(*e); // the last one of a key counts
                               e->seen_in = p.s_->record;
                               if (level > 0)
                                   node.had.push_back(e);
                               if (member(found.value(), node, *e, level, after))
                                   return true;
                               if (s.bad.field == fault::no_field)
                                   s.bad.field = e->field;
                               return s.within_key(e->key);
                           }) &&
               closed('}', after);
    }

    /// The entry of a member's key, be it new; none: its key can't be read.
    key_tree::entry *entry_of(od::field &found, key_tree::node &node) {
        if (key_tree::entry *const expected = node.guess(found.key().raw()))
            return expected;
        std::string_view key;
        if (!key_of(found, key))
            return nullptr;
        key_tree::entry *const known = node.find(key);
        if (known || !p.is_closed_)
            return known ? known : node.add(key);
        const auto field = p.places_.find(node.prefix + key_tree::name_of(key));
        const bool is_field = field != p.places_.end();
        if (!is_field && node.entries.size() >= most_passed_over) {
            p.ignored_.key = key;
            p.ignored_.is_passed_over = true;
            return &p.ignored_;
        }
        key_tree::entry *const e = node.add(key);
        e->field = is_field ? field->second : fault::no_field;
        e->is_passed_over = !is_field;
        return e;
    }

    bool member(od::value &v, key_tree::node &node, key_tree::entry &e, std::size_t level, const char *&after) {
        const std::string_view token = token_of(v);
        if (token.starts_with('{') && level < p.how_.flatten && &e != &p.ignored_ &&
            !(p.is_closed_ && e.field != fault::no_field))
            return members(v, token, key_tree::below(node, e), level + 1, after);
        record::field f;
        if (!any(v, token, f, after))
            return false;
        if (e.is_passed_over)
            return true;
        if (f.is_null && p.how_.flatten > level && e.field == fault::no_field)
            return true; // it may be an object that is not there
        if (e.field == fault::no_field) {
            e.field = p.field_of(node.prefix + e.name());
            p.s_->added.push_back(&e);
        }
        return p.set(e, f) || s.fail("there is a key of that name, and an object whose member gives the same field");
    }

    /// The object that has the record as a member.
    bool enclosed(od::value &v, std::string_view token, enclosing &in, const char *&after) {
        return each_keyed(v, token, after, [&](std::string_view key, od::value &value) {
            const std::string_view at = token_of(value);
            if (key == in.member)
                return record_in(value, at, in, after) || s.within_key(key);
            in.others.emplace_back(key, record::field{});
            return any(value, at, in.others.back().second, after) || s.within_key(key);
        });
    }

    bool record_in(od::value &v, std::string_view token, enclosing &in, const char *&after) {
        if (in.has_record)
            return s.fail("it is there twice");
        in.has_record = true;
        if (!token.starts_with('{'))
            return s.fail("it is no object, but " + described(token));
        return members(v, token, p.keys_.root(), 0, after);
    }

    void forget(key_tree::entry &e) {
        auto &owners = p.s_->owners;
        const bool has_owners = p.how_.flatten > 0;
        if (e.field < p.fields_.size() && (!has_owners || (e.field < owners.size() && owners[e.field] == &e))) {
            p.fields_[e.field] = {{}, true};
            if (has_owners)
                owners[e.field] = nullptr;
        }
        if (e.below)
            for (key_tree::entry *inner : std::exchange(e.below->had, {}))
                forget(*inner);
    }

    /// The leaves of an object that is unpivoted, from the level that the last of `keys` is of.
    bool leaves(od::value &v, std::vector<std::string> &keys, const char *&after) {
        const std::string_view token = token_of(v);
        if (keys.size() == p.how_.levels.size()) {
            leaf_record leaf{keys, {}, static_cast<std::size_t>(token.data() - begin), 0};
            if (!any(v, token, leaf.value, after))
                return false;
            leaf.size = static_cast<std::size_t>(after - token.data());
            p.leaves_.push_back(std::move(leaf));
            return true;
        }
        if (!token.starts_with('{'))
            return no_level(keys);
        return each_keyed(v, token, after, [&](std::string_view key, od::value &value) {
            keys.emplace_back(key);
            if (!leaves(value, keys, after))
                return s.within_key(keys.back());
            keys.pop_back();
            return true;
        });
    }

    bool no_level(const std::vector<std::string> &keys) {
        return s.fail("it is no object, whose keys would be the field " + text::quoted(p.how_.levels[keys.size()]));
    }
};

record_parser::record_parser(const dialect &how) : how_(how), s_(std::make_unique<state>()) {
    for (const std::string &level : how_.levels)
        field_of(level);
    if (!how_.levels.empty())
        field_of(how_.leaf);
}

record_parser::~record_parser() = default;

bool record_parser::read_key(const char *raw) {
    key_ = between_quotes(raw);
    if (!is_escaped(key_))
        return true;
    record::field f;
    if (!lone_scalar("\"" + key_ + "\"", f)) {
        s_->bad.reason.insert(0, "in a key: ");
        return false;
    }
    key_ = f.text;
    return true;
}

/// A value that is a text of its own, which On-Demand has in another way than those in objects.
bool record_parser::lone_scalar(std::string_view text, record::field &f) {
    const std::string_view token = trimmed(text);
    f = {};
    if (!token.starts_with('"')) {
        const auto kind = kind_of(token);
        if (!kind)
            return s_->fail_token(token);
        f = {*kind == found_type::none ? std::string_view() : token, *kind == found_type::none, *kind};
        return true;
    }
    std::string padded(token);
    padded.resize(token.size() + padding);
    od::document document;
    if (const auto error = s_->parser.iterate(padded.data(), token.size(), padded.size()).get(document))
        return s_->fail(error);
    if (document.get_string().get(f.text) || f.text.find('\0') != std::string_view::npos)
        return s_->fail_escape(token);
    f.said = found_type::text;
    return true;
}

void record_parser::begin_record() {
    ++s_->record;
    s_->bad = {};
    leaves_.clear();
    next_leaf_ = 0;
    key_.clear();
    s_->added.clear();
    std::fill(s_->owners.begin(), s_->owners.end(), nullptr);
    std::fill(fields_.begin(), fields_.end(), record::field{{}, true});
}

std::optional<fault> record_parser::end_record(std::optional<fault> bad, std::size_t known) {
    if (bad) {
        leaves_.clear();
        forget_fields(known);
        return bad;
    }
    widen();
    return std::nullopt;
}

std::optional<fault> record_parser::take(std::string_view text, const char *key) {
    begin_record();
    const std::size_t known = fields_.size();
    return end_record(read(text, key), known);
}

std::optional<fault> record_parser::take(std::string_view text, enclosing &in) {
    in.others.clear();
    in.has_record = false;
    begin_record();
    const std::size_t known = fields_.size();
    return end_record(read(text, in), known);
}

std::optional<fault> record_parser::read(std::string_view text, enclosing &in) {
    state &s = *s_;
    const char *const end = text.data() + text.size(), *const first = past_blanks(text.data(), end);
    walk w{{s, end}, *this, text.data()};
    if (first == end || *first != '{') {
        s.fail("it is no object, but " + described({first, static_cast<std::size_t>(end - first)}));
        return s.fault_of(text);
    }
    od::document document;
    od::value root;
    const char *after = nullptr;
    if (s.root_of(text, document, root) && w.enclosed(root, {first, 1}, in, after) && s.ends(after, end))
        return std::nullopt;
    return s.fault_of(text);
}

std::optional<fault> record_parser::read(std::string_view text, const char *key) {
    state &s = *s_;
    const char *const end = text.data() + text.size(), *const first = past_blanks(text.data(), end);
    const bool is_nested = first < end && (*first == '{' || *first == '[');
    std::vector<std::string> keys;
    walk w{{s, end}, *this, text.data()};
    const auto judge = [&](bool is_good) { return is_good ? std::nullopt : std::optional(s.fault_of(text)); };
    if (how_.levels.empty() && (first == end || *first != '{'))
        return judge(s.fail("it is no object, but " + described({first, static_cast<std::size_t>(end - first)})));
    if (key && !read_key(key))
        return s.bad;
    if (key)
        keys.push_back(key_);
    if (!how_.levels.empty() && !is_nested) {
        if (keys.size() < how_.levels.size())
            return judge(w.no_level(keys));
        leaf_record leaf{
            keys, {}, static_cast<std::size_t>(first - text.data()), static_cast<std::size_t>(end - first)};
        const bool is_good = lone_scalar({first, static_cast<std::size_t>(end - first)}, leaf.value);
        if (is_good)
            leaves_.push_back(std::move(leaf));
        return judge(is_good);
    }
    od::document document;
    od::value root;
    const char *after = nullptr;
    return judge(
        s.root_of(text, document, root) &&
        (how_.levels.empty() ? w.members(root, {first, 1}, keys_.root(), 0, after) : w.leaves(root, keys, after)) &&
        s.ends(after, end));
}

const record_parser::leaf_record &record_parser::more() {
    const leaf_record &leaf = leaves_[next_leaf_++];
    for (std::size_t i = 0; i < leaf.keys.size(); ++i)
        keep(i, {leaf.keys[i], false, found_type::text});
    keep(leaf.keys.size(), leaf.value);
    widen();
    return leaf;
}

} // namespace barometre::json
