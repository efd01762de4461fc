#include "core/bytes/md5.h"
#include "core/jinja/evaluate.h"
#include "core/jinja/filters.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

bool can_be_looped_over(const value &v) {
    return defined(v).is_sequence() || v.is(value_kind::string) || v.is(value_kind::dict);
}

/// joiner(', '): gives nothing when it is called first, and the text from then on.
struct joiner_object : made_object {
    value between; ///< in a list, which is destroyed in a loop
    mutable bool used = false;
    explicit joiner_object(value between) : made_object("joiner"), between(list{std::move(between)}) {}
    value call(const std::string &method, parameters &p, meter &) const override {
        p.finish();
        if (!method.empty())
            throw complaint{"\"joiner." + method + "\" is not known here", "It is called itself."};
        return std::exchange(used, true) ? between.items()[0] : value("");
    }
};

/// cycler('a', 'b'): next() goes through the values without end.
struct cycler_object : made_object {
    value items;
    mutable std::size_t at = 0;
    explicit cycler_object(value items) : made_object("cycler"), items(std::move(items)) {}
    value call(const std::string &method, parameters &p, meter &) const override {
        p.finish();
        if (method != "next" && method != "reset")
            throw complaint{"\"cycler\" has no method \"" + method + "\"", "Known are next() and reset()."};
        const std::size_t before = std::exchange(at, method == "next" ? (at + 1) % items.items().size() : 0);
        return method == "next" ? items.items()[before] : value();
    }
    value attribute(const std::string &name) const override {
        return name == "current" ? items.items()[at] : value::nothing();
    }
};

/// As zip() of Python, which stops where the shortest does.
value zipped(const list &of, meter &m) {
    std::vector<list> columns;
    std::size_t size = of.empty() ? 0 : SIZE_MAX;
    for (const value &one : of) {
        columns.push_back(items_of(one, m));
        size = std::min(size, columns.back().size());
    }
    list out;
    for (std::size_t i = 0; i < size; ++i) {
        m.bytes((columns.size() + 3) * sizeof(value));
        list row;
        for (const list &column : columns)
            row.push_back(column[i]);
        out.push_back(value::tuple(std::move(row)));
    }
    return out;
}

/// What is in it once, in the order in which it came first.
value once_each(const value &of, meter &m) {
    list out;
    dict seen;
    for (const value &one : items_of(of, m)) {
        if (seen.find(defined(one)))
            continue;
        seen.set(one, true, m);
        out.push_back(one);
    }
    return out;
}

} // namespace

value evaluator::say(parameters &p) {
    const std::string text = printed(p.required(0, "msg"), meter_);
    const bool is_told = p.function() == "print" || p.function() == "warn" || p.flag(1, "info", false);
    p.finish();
    meter_.bytes(text.size() + 256);
    if (is_told && calls_.say)
        calls_.say(text, p.function() == "warn");
    return "";
}

value evaluator::global_function(const std::string &name, parameters &p) {
    if (name == "log" || name == "print")
        return say(p);
    if (name == "zip" || name == "zip_strict") {
        const list all = p.rest(0);
        const value *otherwise = name == "zip" ? p.named("default") : nullptr;
        p.finish();
        if (name == "zip" && !std::all_of(all.begin(), all.end(), can_be_looped_over))
            return otherwise ? *otherwise : value();
        return zipped(all, meter_);
    }
    if (name == "set" || name == "set_strict") {
        const value of = p.required(0, "value"), *otherwise = name == "set" ? p.get(1, "default") : nullptr;
        p.finish();
        if (name == "set" && !can_be_looped_over(of))
            return otherwise ? *otherwise : value();
        return once_each(of, meter_);
    }
    if (name == "tojson") {
        const value of = p.required(0, "value");
        p.get(1, "default");
        const bool sorted = p.flag(2, "sort_keys", false);
        p.finish();
        return to_json(of, {.sorted = sorted}, meter_);
    }
    if (name == "fromjson") {
        const std::string text = p.text(0, "string");
        const value *otherwise = p.get(1, "default");
        p.finish();
        value out;
        return from_json(text, out, meter_) ? out : otherwise ? *otherwise : value();
    }
    if (name == "fromyaml") {
        const std::string text = p.text(0, "value");
        const value *otherwise = p.get(1, "default");
        p.finish();
        if (!calls_.from_yaml)
            throw complaint{"\"fromyaml\" is not available here", ""};
        meter_.steps(text.size());
        meter_.bytes(16 * text.size()); // a value takes more room than its text
        const auto read = calls_.from_yaml(text);
        return read ? *read : otherwise ? *otherwise : value();
    }
    if (name == "local_md5") {
        const std::string text = p.text(0, "value");
        p.finish();
        meter_.steps(text.size() / 8);
        return bytes::md5(text);
    }
    if (name == "joiner") {
        const value *between = p.get(0, "sep");
        p.finish();
        return value(std::shared_ptr<const opaque>(std::make_shared<joiner_object>(between ? *between : value(", "))));
    }
    list all = p.rest(0); // cycler
    p.finish();
    if (all.empty())
        throw complaint{"\"cycler\" lacks its values", ""};
    meter_.bytes((all.size() + 4) * sizeof(value));
    return value(std::shared_ptr<const opaque>(std::make_shared<cycler_object>(value(std::move(all)))));
}

} // namespace barometre::jinja
