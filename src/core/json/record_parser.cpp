#include "core/json/record_parser.h"
#include "core/json/parsing.h"
#include "core/json/scalar.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>

namespace barometre::json {

using record::found_type;

namespace {

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

/// A header has no name without a text.
std::string name_of(const std::string &key) { return text::is_blank(key) ? "\"" + key + "\"" : key; }

} // namespace

struct record_parser::state : parsing {
    std::vector<const key_tree::entry *> owners; ///< of the fields of this record
    std::uint64_t record = 0;                    ///< its number
};

struct record_parser::walk : value_walk {
    record_parser &p;

    /// The members of a record, or of an object in it that is flattened.
    bool members(od::value &v, std::string_view token, key_tree::node &node, std::size_t level, const char *&after) {
        after = token.data() + 1;
        od::object object;
        if (const auto error = v.get_object().get(object))
            return s.fail(error);
        node.expected = 0;
        for (auto got : object) {
            od::field member;
            if (const auto error = std::move(got).get(member))
                return s.fail(error);
            key_tree::entry *e = node.guess(member.key().raw());
            if (!e) {
                std::string_view key;
                if (!key_of(member, key))
                    return false;
                e = node.find(key);
                if (!e)
                    e = node.add(key);
            }
            if (e->seen_in == p.s_->record)
                forget(*e); // the last one of a key counts
            e->seen_in = p.s_->record;
            if (!this->member(member.value(), node, *e, level, after)) {
                if (s.bad.field == fault::no_field)
                    s.bad.field = e->field;
                return s.within_key(e->key);
            }
        }
        after = past_blanks(after, end);
        if (after >= end || *after != '}')
            return s.fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
        ++after;
        return true;
    }

    bool member(od::value &v, key_tree::node &node, key_tree::entry &e, std::size_t level, const char *&after) {
        const std::string_view token = token_of(v);
        if (token.starts_with('{') && level < p.how_.flatten)
            return members(v, token, key_tree::below(node, e), level + 1, after);
        record::field f;
        if (!any(v, token, f, after))
            return false;
        if (f.is_null && p.how_.flatten > level && e.field == fault::no_field)
            return true; // it may be an object that is not there
        if (e.field == fault::no_field)
            e.field = p.field_of(node.prefix + name_of(e.key));
        return p.set(e, f) || s.fail("there is a key of that name, and an object whose member gives the same field");
    }

    void forget(const key_tree::entry &e) {
        if (e.field < p.fields_.size() && (p.s_->owners.empty() || p.s_->owners[e.field] == &e))
            p.fields_[e.field] = {{}, true};
        if (e.below)
            for (const auto &inner : e.below->entries)
                forget(*inner);
    }

    /// The leaves of an object that is unpivoted, from the level that the last of `keys` is of.
    bool leaves(od::value &v, std::vector<std::string> &keys, const char *&after) {
        const std::string_view token = token_of(v);
        if (keys.size() == p.how_.levels.size()) {
            leaf_record leaf{keys, {}};
            if (!any(v, token, leaf.value, after))
                return false;
            p.leaves_.push_back(std::move(leaf));
            return true;
        }
        if (!token.starts_with('{'))
            return no_level(keys);
        after = token.data() + 1;
        od::object object;
        if (const auto error = v.get_object().get(object))
            return s.fail(error);
        for (auto got : object) {
            od::field member;
            std::string_view key;
            if (const auto error = std::move(got).get(member))
                return s.fail(error);
            if (!key_of(member, key))
                return false;
            keys.emplace_back(key);
            if (!leaves(member.value(), keys, after))
                return s.within_key(keys.back());
            keys.pop_back();
        }
        after = past_blanks(after, end);
        if (after >= end || *after != '}')
            return s.fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
        ++after;
        return true;
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

void record_parser::begin_header(const std::vector<std::string> &names) {
    for (const std::string &name : names)
        field_of(name);
}

std::size_t record_parser::field_of(const std::string &name) {
    const auto [known, is_new] = places_.emplace(name, header_.names.size());
    if (is_new) {
        header_.names.push_back(name);
        header_.types.push_back(found_type::none);
        fields_.push_back({{}, true});
    }
    return known->second;
}

bool record_parser::set(const key_tree::entry &e, const record::field &value) {
    if (how_.flatten > 0) {
        s_->owners.resize(fields_.size());
        if (const key_tree::entry *&owner = s_->owners[e.field]; owner && owner != &e && !value.is_null)
            return false;
        else if (!value.is_null)
            owner = &e;
        else
            return true;
    }
    keep(e.field, value);
    return true;
}

void record_parser::keep(std::size_t field, const record::field &value) {
    record::field &f = fields_[field];
    f = value;
    if (how_.blank_is_null && f.said == found_type::text && text::is_blank(f.text))
        f = {{}, true};
    if (!f.is_null)
        header_.types[field] = record::widen(header_.types[field], f.said);
}

bool record_parser::add_key(const char *raw, std::vector<std::string> &keys) {
    const std::string_view text = between_quotes(raw);
    keys.emplace_back(text);
    if (!is_escaped(text))
        return true;
    record::field f;
    if (!lone_scalar("\"" + keys.back() + "\"", f)) {
        s_->bad.reason.insert(0, "in a key: ");
        return false;
    }
    keys.back() = f.text;
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

std::optional<fault> record_parser::take(std::string_view text, const char *key) {
    state &s = *s_;
    ++s.record;
    s.bad = {};
    leaves_.clear();
    next_leaf_ = 0;
    std::fill(s.owners.begin(), s.owners.end(), nullptr);
    std::fill(fields_.begin(), fields_.end(), record::field{{}, true});
    const char *const end = text.data() + text.size(), *const first = past_blanks(text.data(), end);
    const bool is_nested = first < end && (*first == '{' || *first == '[');
    std::vector<std::string> keys;
    walk w{{s, end}, *this};
    const auto judge = [&](bool is_good) { return is_good ? std::nullopt : std::optional(s.fault_of(text)); };
    if (how_.levels.empty() && (first == end || *first != '{'))
        return judge(s.fail("it is no object, but " + described({first, static_cast<std::size_t>(end - first)})));
    if (key && !add_key(key, keys))
        return s.bad;
    if (!how_.levels.empty() && !is_nested) {
        if (keys.size() < how_.levels.size())
            return judge(w.no_level(keys));
        leaf_record leaf{keys, {}};
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

void record_parser::more() {
    const leaf_record &leaf = leaves_[next_leaf_++];
    for (std::size_t i = 0; i < leaf.keys.size(); ++i)
        keep(i, {leaf.keys[i], false, found_type::text});
    keep(leaf.keys.size(), leaf.value);
}

} // namespace barometre::json
