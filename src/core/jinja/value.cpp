#include "core/jinja/value.h"
#include "core/interrupts.h"
#include "core/python/text.h"

#include <algorithm>
#include <cmath>

namespace barometre::jinja {

namespace {

constexpr int deepest_list = 64; ///< of lists in lists

/// A key's text in the index of a dict. Equal numbers have the same, whatever their type.
std::string key_of(const value &v, int depth = 0) {
    switch (v.type()) {
    case value::kind::none:
        return "n";
    case value::kind::boolean:
    case value::kind::integer:
        return "i" + std::to_string(v.integer());
    case value::kind::real: {
        const double d = v.real();
        if (d == std::floor(d) && std::fabs(d) < 9e15)
            return "i" + std::to_string(static_cast<std::int64_t>(d));
        return "r" + python::number(d);
    }
    case value::kind::string:
        if (v.text().size() > 4096)
            throw complaint{"a key has more than 4096 bytes", ""};
        return "s" + v.text();
    case value::kind::relation:
        return "t" + v.table().text;
    case value::kind::tuple: {
        std::string out = "(";
        if (depth > 8)
            throw complaint{"a key has tuples that are nested too deeply", ""};
        for (const value &one : v.items()) {
            const std::string part = key_of(one, depth + 1);
            out += std::to_string(part.size()) + ":" + part;
            if (out.size() > 4096)
                throw complaint{"a key has more than 4096 bytes", ""};
        }
        return out;
    }
    default:
        throw complaint{std::string("a key can't be ") + v.type_name(),
                        "Keys are texts, numbers, true, false, none, and tuples of these."};
    }
}

void write(const value &v, bool as_repr, int depth, meter &m, std::string &out) {
    m.steps(1);
    if (depth > deepest_list)
        throw complaint{"lists and dicts are nested too deeply to be printed", ""};
    const std::size_t before = out.size();
    auto all = [&](const list &items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i)
                out += ", ";
            write(items[i], true, depth + 1, m, out);
        }
    };
    switch (v.type()) {
    case value::kind::undefined:
        out += defined(v).is(value::kind::undefined) && as_repr ? "Undefined" : "";
        break;
    case value::kind::none:
        out += "None";
        break;
    case value::kind::boolean:
        out += v.boolean() ? "True" : "False";
        break;
    case value::kind::integer:
        out += std::to_string(v.integer());
        break;
    case value::kind::real:
        out += python::number(v.real());
        break;
    case value::kind::string:
        out += as_repr ? python::quoted(v.text()) : v.text();
        break;
    case value::kind::list:
        out += '[';
        all(v.items());
        out += ']';
        return;
    case value::kind::tuple:
        out += '(';
        all(v.items());
        out += v.items().size() == 1 ? ",)" : ")";
        return;
    case value::kind::dict: {
        out += '{';
        bool first = true;
        for (const auto &[key, item] : v.entries().entries()) {
            if (!first)
                out += ", ";
            first = false;
            write(key, true, depth + 1, m, out);
            out += ": ";
            write(item, true, depth + 1, m, out);
        }
        out += '}';
        return;
    }
    case value::kind::relation:
        out += v.table().text;
        break;
    case value::kind::opaque:
        if (v.object()->is_data()) {
            out += v.object()->name;
            break;
        }
        throw complaint{"\"" + v.object()->name + "\" can't be printed", "It is called with \"(\" and \")\"."};
    }
    m.bytes(out.size() - before);
}

bool equal_at(const value &a, const value &b, int depth, meter &m) {
    m.steps(1);
    if (depth > deepest_list)
        throw complaint{"lists and dicts are nested too deeply to be compared", ""};
    defined(a);
    defined(b);
    if (a.is_whole() && b.is_whole())
        return a.integer() == b.integer();
    if (a.is_number() && b.is_number())
        return a.real() == b.real();
    // A relation is compared with the text that it prints as: that is how projects tell relations apart.
    auto written = [](const value &v) -> const std::string * {
        return v.is(value::kind::string) ? &v.text() : v.is(value::kind::relation) ? &v.table().text : nullptr;
    };
    if (const std::string *left = written(a), *right = written(b); left && right) {
        m.steps(std::min(left->size(), right->size()) / 64);
        return *left == *right;
    }
    if (a.type() != b.type())
        return false;
    if (a.is_sequence()) {
        const list &x = a.items(), &y = b.items();
        return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), [&](const value &i, const value &j) {
                   return equal_at(i, j, depth + 1, m);
               });
    }
    if (a.is(value::kind::dict)) {
        const auto &x = a.entries().entries();
        if (x.size() != b.entries().entries().size())
            return false;
        return std::all_of(x.begin(), x.end(), [&](const auto &entry) {
            const value *other = b.entries().find(entry.first);
            return other && equal_at(entry.second, *other, depth + 1, m);
        });
    }
    return a.is(value::kind::none) || a.is(value::kind::undefined) ||
           (a.is(value::kind::opaque) && a.object() == b.object());
}

bool less_at(const value &a, const value &b, int depth, meter &m) {
    m.steps(1);
    if (depth > deepest_list)
        throw complaint{"lists are nested too deeply to be compared", ""};
    defined(a);
    defined(b);
    if (a.is_whole() && b.is_whole())
        return a.integer() < b.integer();
    if (a.is_number() && b.is_number())
        return a.real() < b.real();
    if (a.is(value::kind::string) && b.is(value::kind::string)) {
        m.steps(std::min(a.text().size(), b.text().size()) / 64);
        return a.text() < b.text(); // the order of UTF-8 is that of the characters
    }
    if (a.is_sequence() && a.type() == b.type()) {
        const list &x = a.items(), &y = b.items();
        for (std::size_t i = 0; i < x.size() && i < y.size(); ++i)
            if (!equal_at(x[i], y[i], depth + 1, m))
                return less_at(x[i], y[i], depth + 1, m);
        return x.size() < y.size();
    }
    throw complaint{std::string(a.type_name()) + " and " + b.type_name() + " have no order",
                    "Compare texts with texts, and numbers with numbers."};
}

} // namespace

namespace {
constexpr char several[] = "The loops or macros of several of them may be larger than meant.";
}

meter::meter(std::uint64_t bytes, std::uint64_t steps, budget &all) : bytes_(bytes), steps_(steps), all_(all) {}

meter::~meter() {
    all_.take_time(since_);
    for (const value &holder : holders_) {
        if (holder.is_sequence())
            holder.items().clear();
        else
            holder.entries().clear();
    }
}

void meter::changed(const value &holder, const value &held) {
    if (held.is_sequence() || held.is(value::kind::dict) || held.is(value::kind::opaque))
        holders_.push_back(holder);
}

void meter::bytes(std::uint64_t n) {
    if (n > bytes_)
        throw complaint{"the template makes too much text", "Its loops or macros may be larger than meant."};
    bytes_ -= n;
    if (!all_.take_bytes(n))
        throw complaint{"the templates of the project make too much text", several};
}

void meter::steps(std::uint64_t n) {
    if (n > steps_)
        throw complaint{"the template takes too many steps", "Its loops or macros may be larger than meant."};
    steps_ -= n;
    if (!all_.take_steps(n))
        throw complaint{"the templates of the project take too many steps", several};
    check_interrupts();
    if (until_clock_ > n) {
        until_clock_ -= n;
        return;
    }
    until_clock_ = 4096;
    if (!all_.take_time(since_))
        throw complaint{"the templates of the project take too long", several};
}

relation::relation(std::string quoted_name) : text(std::move(quoted_name)) {
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"')
            parts.back() += text[i++];
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '.' && !quoted)
            parts.emplace_back();
        else
            parts.back() += text[i];
    }
    identifier = parts.back();
    if (parts.size() > 1)
        schema = parts[parts.size() - 2];
    if (parts.size() > 2)
        database = parts[parts.size() - 3];
}

void container::bury(container *dead) noexcept {
    thread_local container *waiting = nullptr;
    thread_local bool is_digging = false;
    dead->next_ = std::exchange(waiting, dead);
    if (std::exchange(is_digging, true))
        return; // what it holds comes after it
    while (container *first = waiting) {
        waiting = first->next_;
        delete first;
    }
    is_digging = false;
}

value::value(jinja::list items) : held_(container::make(sequence(std::move(items), list_shape))) {}
value::value(jinja::dict entries) : held_(container::make(std::move(entries))) {}
value value::tuple(jinja::list items) { return value(held(container::make(sequence(std::move(items), tuple_shape)))); }
value value::group(value of, list items) {
    return value(held(container::make(sequence({std::move(of), value(std::move(items))}, group_shape))));
}

value::kind value::type() const {
    switch (held_.index()) {
    case 0:
        return kind::none;
    case 1:
        return kind::boolean;
    case 2:
        return kind::integer;
    case 3:
        return kind::real;
    case 4:
        return kind::string;
    case 5:
        return std::get<std::shared_ptr<sequence>>(held_)->shape == list_shape ? kind::list : kind::tuple;
    case 6:
        return kind::dict;
    case 7:
        return kind::relation;
    case 8:
        return kind::opaque;
    default:
        return kind::undefined;
    }
}

const char *value::type_name() const {
    switch (type()) {
    case kind::undefined:
        return "nothing";
    case kind::none:
        return "none";
    case kind::boolean:
        return "a boolean";
    case kind::integer:
        return "an integer";
    case kind::real:
        return "a number";
    case kind::string:
        return "a text";
    case kind::list:
        return "a list";
    case kind::tuple:
        return "a tuple";
    case kind::dict:
        return "a dict";
    case kind::relation:
        return "a relation";
    default:
        return "a function";
    }
}

std::int64_t value::integer() const {
    return is(kind::boolean) ? std::int64_t{boolean()} : std::get<std::int64_t>(held_);
}
double value::real() const { return is(kind::real) ? std::get<double>(held_) : static_cast<double>(integer()); }

const value *dict::find(const value &key) const {
    auto found = places_.find(key_of(key));
    return found == places_.end() ? nullptr : &entries_[found->second].second;
}

void dict::set(const value &key, value to) {
    auto [found, added] = places_.try_emplace(key_of(key), entries_.size());
    if (!added) {
        entries_[found->second].second = std::move(to);
        return;
    }
    keys_ += found->first.size();
    entries_.emplace_back(key, std::move(to));
}

void dict::set(const value &key, value to, meter &m) {
    const std::size_t before = keys_;
    set(key, std::move(to));
    m.bytes(4 * sizeof(value) + keys_ - before);
}

std::size_t dict::bytes() const { return entries_.size() * 4 * sizeof(value) + keys_; }

void dict::erase(const value &key) {
    auto found = places_.find(key_of(key));
    if (found == places_.end())
        return;
    const std::size_t place = found->second;
    keys_ -= found->first.size();
    places_.erase(found);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place));
    for (auto &one : places_)
        one.second -= one.second > place;
}

void dict::clear() {
    entries_.clear();
    places_.clear();
    keys_ = 0;
}

std::string printed(const value &v, meter &m) {
    std::string out;
    write(v, false, 0, m, out);
    return out;
}

std::string repr(const value &v, meter &m) {
    std::string out;
    write(v, true, 0, m, out);
    return out;
}

std::string printed(const value &v) {
    budget alone;
    meter m(1 << 24, 1 << 20, alone);
    return printed(v, m);
}

bool is_true(const value &v) {
    if (v.is_left_out())
        return false;
    switch (defined(v).type()) {
    case value::kind::undefined:
    case value::kind::none:
        return false;
    case value::kind::boolean:
    case value::kind::integer:
        return v.integer() != 0;
    case value::kind::real:
        return v.real() != 0;
    case value::kind::string:
        return !v.text().empty();
    case value::kind::list:
    case value::kind::tuple:
        return !v.items().empty();
    case value::kind::dict:
        return v.entries().is_namespace || !v.entries().entries().empty();
    default:
        return true;
    }
}

bool equal(const value &a, const value &b, meter &m) { return equal_at(a, b, 0, m); }
bool less(const value &a, const value &b, meter &m) { return less_at(a, b, 0, m); }
void raise_undefined(const value &v) { throw error(*v.why_undefined()); }

} // namespace barometre::jinja
