#include "core/text/ascii.h"
#include "core/value/fault.h"

#include <algorithm>

namespace barometre::value {

namespace {

/// Reads the text of one value within another, up to a sign that ends it: `ends` of them outside quotes. Backslashes
/// and, in quotes, doubled quotes stand for what follows them.
class inner_texts {
public:
    explicit inner_texts(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    char take() {
        const char c = rest_.empty() ? '\0' : rest_[0];
        rest_.remove_prefix(!rest_.empty());
        return c;
    }
    /// Goes on to the first of these signs, which is not taken.
    void go_to(std::string_view signs) { rest_.remove_prefix(std::min(rest_.find_first_of(signs), rest_.size())); }

    /// The value's text, or nothing where no value is written. The sign stays to be taken.
    std::optional<std::string> read(std::string_view ends) {
        std::string out;
        bool is_quoted = false, is_written = false;
        for (; !rest_.empty() && (is_quoted || ends.find(rest_[0]) == std::string_view::npos); take()) {
            is_written = true;
            if (rest_[0] == '\\' && rest_.size() > 1) {
                take();
                out += rest_[0];
            } else if (rest_[0] != '"') {
                out += rest_[0];
            } else if (is_quoted && rest_.size() > 1 && rest_[1] == '"') {
                take();
                out += '"';
            } else {
                is_quoted = !is_quoted;
            }
        }
        return is_written ? std::optional(std::move(out)) : std::nullopt;
    }

    /// The text up to and with the first of `ends` outside quotes, as it is written.
    std::string_view raw(std::string_view ends) {
        const std::string_view before = rest_;
        read(ends);
        take();
        return before.substr(0, before.size() - rest_.size());
    }

private:
    std::string_view rest_;
};

fault first_of(const shape &type, const std::optional<std::string> &text, date_order order) {
    return text ? fault_within(type, *text, order) : fault::none;
}

/// {a,"b",{c,NULL}}, with the bounds [1:2]= before it, perhaps
fault in_array(const shape &type, std::string_view text, date_order order) {
    const char ends[] = {type.delimiter, '{', '}', '\0'};
    inner_texts in(text);
    in.go_to("{");
    while (!in.done()) {
        in.take();
        const auto element = in.read(ends);
        const auto is_blank = [](const std::string &s) { return std::all_of(s.begin(), s.end(), text::is_space); };
        if (!element || is_blank(*element) || text::is_word(*element, "NULL"))
            continue;
        if (const fault f = first_of(type.parts[0], element, order); f != fault::none)
            return f;
    }
    return fault::none;
}

/// [a,b), (,"b"] or empty
fault in_range(const shape &type, std::string_view text, date_order order) {
    inner_texts in(text);
    in.go_to("[(");
    for (int bound = 0; bound < 2 && !in.done(); ++bound) {
        in.take();
        if (const fault f = first_of(type.parts[0], in.read(",)]"), order); f != fault::none)
            return f;
    }
    return fault::none;
}

/// {[a,b),(c,d]}
fault in_multirange(const shape &type, std::string_view text, date_order order) {
    inner_texts in(text);
    for (in.go_to("[("); !in.done(); in.go_to("[("))
        if (const fault f = fault_within(type.parts[0], in.raw(")]"), order); f != fault::none)
            return f;
    return fault::none;
}

/// (a,,"c")
fault in_row(const shape &type, std::string_view text, date_order order) {
    inner_texts in(text);
    in.go_to("(");
    for (const shape &part : type.parts) {
        if (in.done())
            break;
        in.take();
        if (const fault f = first_of(part, in.read(",)"), order); f != fault::none)
            return f;
    }
    return fault::none;
}

} // namespace

bool shape::can_have_fault() const {
    return is == form::plain
               ? type && *type != kind::boolean && *type != kind::uuid
               : std::any_of(parts.begin(), parts.end(), [](const shape &p) { return p.can_have_fault(); });
}

fault fault_within(const shape &type, std::string_view text, date_order order) {
    if (!type.can_have_fault())
        return fault::none;
    switch (type.is) {
    case shape::form::plain:
        return fault_of(*type.type, text, order);
    case shape::form::array:
        return in_array(type, text, order);
    case shape::form::range:
        return in_range(type, text, order);
    case shape::form::multirange:
        return in_multirange(type, text, order);
    case shape::form::row:
        return in_row(type, text, order);
    }
    return fault::none;
}

} // namespace barometre::value
