#pragma once

#include "core/budget.h"
#include "core/error.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace barometre::jinja {

/// What a part of the engine says that doesn't know where in the template it is; who knows puts file, line and
/// column before it.
struct complaint {
    std::string message, hint;
};

class value;

/// What evaluation may still use. Every value that is made and every step that is taken is paid for here, once of what
/// one template may use and once of what all of them may, so that they can neither hang the server nor fill its memory;
/// and here evaluation can be stopped.
class meter {
public:
    meter(std::uint64_t bytes, std::uint64_t steps, budget &all);
    meter(const meter &) = delete;
    ~meter();
    void bytes(std::uint64_t n);
    void steps(std::uint64_t n);
    /// A list or dict was given something to hold that may hold it in turn. At the end such circles are cut.
    void changed(const value &holder, const value &held);

private:
    std::uint64_t bytes_, steps_;
    budget &all_;
    stopwatch since_;               ///< time is paid for up to then
    std::uint64_t until_clock_ = 0; ///< steps, before the clock is looked at
    std::vector<value> holders_;
};

/// A table or view as ref(), source() and `this` give it: it prints as `text`, a quoted name.
struct relation {
    std::string text, database, schema, identifier;

    relation() = default;
    /// From a name as SQL writes it, such as "s"."t" or d.s.t. Not explicit: a callback may simply return the name.
    relation(std::string quoted_name);
};

class dict;
using list = std::vector<value>;
using variables = std::map<std::string, value>;

/// What holds values, which may hold others in turn, as deep as a template likes: it is destroyed in a loop, and not by
/// recursion, for which no stack would be large enough.
struct container {
    container() = default;
    container(const container &) {} // the place in the loop is nobody else's
    container &operator=(const container &) { return *this; }
    virtual ~container() = default;

    template <class C> static std::shared_ptr<C> make(C from) { return {new C(std::move(from)), bury}; }

private:
    static void bury(container *dead) noexcept;
    container *next_ = nullptr; ///< that waits to be destroyed
};

/// What only evaluation itself can use: a function, a macro, `loop`; or data of a kind of their own, which have
/// attributes and methods that take nothing.
struct opaque {
    std::string name;
    explicit opaque(std::string name) : name(std::move(name)) {}
    virtual ~opaque() = default;
    virtual bool is_data() const { return false; }
    virtual bool attribute(const std::string &, value &) const { return false; } ///< false: it has none of that name
    virtual bool method(const std::string &, value &) const { return false; }
};

/// A value of a template. As in Python, copies of a list or dict are the same list or dict.
class value {
public:
    enum class kind { undefined, none, boolean, integer, real, string, list, tuple, dict, relation, opaque };

    value() = default; ///< none
    value(bool b) : held_(b) {}
    value(int i) : held_(std::int64_t{i}) {}
    value(std::int64_t i) : held_(i) {}
    value(double d) : held_(d) {}
    value(std::string s) : held_(std::make_shared<const std::string>(std::move(s))) {}
    value(const char *s) : value(std::string(s)) {}
    value(jinja::list items);
    value(jinja::dict entries);
    value(jinja::relation r) : held_(std::make_shared<const jinja::relation>(std::move(r))) {}
    value(std::shared_ptr<const jinja::opaque> o) : held_(std::move(o)) {}
    static value tuple(jinja::list items);
    static value undefined(error whole) {
        return value(held(std::make_shared<const absence>(std::move(whole), false)));
    }
    /// An argument that a macro was not given: not defined either, but false, and equal to nothing, as Jinja has it.
    static value left_out(error whole) { return value(held(std::make_shared<const absence>(std::move(whole), true))); }
    /// An inline `if` without `else` gives this: it prints as nothing and is false, but is not defined.
    static value nothing() { return value(held(std::shared_ptr<const absence>())); }
    /// A tuple of two that has them as `grouper` and `list` as well: what the filter groupby gives.
    static value group(value of, list items);

    kind type() const;
    const char *type_name() const; ///< for messages: "a list"
    bool is(kind k) const { return type() == k; }
    bool is_number() const { return is(kind::boolean) || is(kind::integer) || is(kind::real); }
    bool is_whole() const { return is(kind::boolean) || is(kind::integer); }
    bool is_sequence() const { return is(kind::list) || is(kind::tuple); }
    bool is_group() const {
        return is(kind::tuple) && std::get<std::shared_ptr<sequence>>(held_)->shape == group_shape;
    }
    bool is_left_out() const { return is(kind::undefined) && why() && why()->left_out; }

    bool boolean() const { return std::get<bool>(held_); }
    std::int64_t integer() const; ///< of an integer or a boolean
    double real() const;          ///< of any number
    const std::string &text() const { return *std::get<std::shared_ptr<const std::string>>(held_); }
    jinja::list &items() const { return std::get<std::shared_ptr<sequence>>(held_)->items; }
    dict &entries() const { return *std::get<std::shared_ptr<jinja::dict>>(held_); }
    const jinja::relation &table() const { return *std::get<std::shared_ptr<const jinja::relation>>(held_); }
    const std::shared_ptr<const jinja::opaque> &object() const {
        return std::get<std::shared_ptr<const jinja::opaque>>(held_);
    }
    const error *why_undefined() const { return why() ? &why()->whole : nullptr; }

private:
    enum shapes { list_shape, tuple_shape, group_shape };
    struct absence {
        error whole;
        bool left_out;
        absence(error whole, bool left_out) : whole(std::move(whole)), left_out(left_out) {}
    };
    const absence *why() const { return std::get<std::shared_ptr<const absence>>(held_).get(); }
    struct sequence : container {
        sequence(jinja::list items, shapes shape) : items(std::move(items)), shape(shape) {}
        ~sequence() override; // a virtual one is made here and now otherwise, where `value` is not complete
        jinja::list items;
        shapes shape;
    };
    using held =
        std::variant<std::monostate, bool, std::int64_t, double, std::shared_ptr<const std::string>,
                     std::shared_ptr<sequence>, std::shared_ptr<jinja::dict>, std::shared_ptr<const jinja::relation>,
                     std::shared_ptr<const jinja::opaque>, std::shared_ptr<const absence>>;
    explicit value(held h) : held_(std::move(h)) {}
    held held_;
};
inline value::sequence::~sequence() = default;

/// A dict in the order its keys came. Keys are texts, numbers, booleans and none; 1, 1.0 and true are the same key.
class dict : public container {
public:
    const value *find(const value &key) const; ///< null: not there
    void set(const value &key, value to);
    void set(const value &key, value to, meter &m); ///< which pays for the room that both take
    void erase(const value &key);                   ///< takes as long as there are entries
    const std::vector<std::pair<value, value>> &entries() const { return entries_; }
    void clear();
    std::size_t bytes() const; ///< that a copy takes
    bool is_namespace = false; ///< namespace(): the only thing whose attributes can be set

private:
    std::vector<std::pair<value, value>> entries_;
    std::unordered_map<std::string, std::size_t> places_;
    std::size_t keys_ = 0; ///< bytes of those of places_
};

std::string printed(const value &v, meter &m); ///< as {{ }} prints it, which is Python's str()
std::string repr(const value &v, meter &m);    ///< as it is printed inside a list: Python's repr()
std::string printed(const value &v);           ///< with a meter of its own
bool is_true(const value &v);                  ///< as Python decides; throws for what is not defined
bool equal(const value &a, const value &b, meter &m);
bool less(const value &a, const value &b, meter &m); ///< throws a complaint when the two have no order
[[noreturn]] void raise_undefined(const value &v);
inline const value &defined(const value &v) { ///< v itself; throws when it is not defined
    if (v.is(value::kind::undefined) && v.why_undefined())
        raise_undefined(v);
    return v;
}

} // namespace barometre::jinja
