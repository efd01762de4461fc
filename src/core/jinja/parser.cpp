#include "core/jinja/parser.h"

#include <algorithm>
#include <charconv>

namespace barometre::jinja {

namespace {

constexpr int deepest_nesting = 150; ///< of brackets in brackets and blocks in blocks

using node_kind = node::kind;

} // namespace

parser::parser(std::vector<token> tokens) : tokens_(std::move(tokens)) {
    for (std::size_t i = 1; i < tokens_.size(); ++i)
        if (tokens_[i - 1].what == token::kind::open_block && tokens_[i].text.starts_with("end"))
            last_ends_[tokens_[i].text] = i;
}

parser::level::level(parser &p) : p_(p) {
    if (p.level_ >= deepest_nesting)
        fail(p.now().at, "the template is nested too deeply", "Use {% set %} for parts of it.");
    ++p_.level_;
}

node parser::done(node n) {
    for (const node &kid : n.kids)
        n.depth = std::max(n.depth, kid.depth + 1);
    if (n.depth > 2 * deepest_nesting)
        fail(n.at, "the template is nested too deeply", "Use {% set %} for parts of it.");
    return n;
}

bool parser::take_sign(std::string_view s) {
    if (!is_sign(s))
        return false;
    take();
    return true;
}

bool parser::take_word(std::string_view s) {
    if (!is_word(s))
        return false;
    take();
    return true;
}

void parser::expect_sign(std::string_view s, const std::string &after) {
    if (!take_sign(s))
        fail(now().at, "\"" + std::string(s) + "\" is expected after " + after);
}

std::string parser::expect_name(const std::string &of) {
    if (now().what != token::kind::name)
        unexpected("the name of " + of);
    return take().text;
}

void parser::unexpected(const std::string &wanted) const {
    const bool ends = now().what == token::kind::close_print || now().what == token::kind::close_block;
    const std::string shown = now().what == token::kind::string ? "a quoted text" : "\"" + now().text + "\"";
    if (!wanted.empty())
        fail(now().at, wanted + " is expected here");
    fail(now().at, ends ? "a value is expected before " + shown : shown + " is not expected here");
}

node parser::expression(bool with_if) {
    const level deeper(*this);
    if (!with_if)
        return either();
    node value = either();
    while (is_word("if")) {
        const position at = take().at;
        node n{.what = node_kind::inline_if, .at = at};
        n.kids.push_back(std::move(value));
        n.kids.push_back(either());
        if (take_word("else"))
            n.kids.push_back(expression());
        value = done(std::move(n));
    }
    return value;
}

node parser::either() {
    node left = both();
    while (is_word("or")) {
        node n{.what = node_kind::either, .at = take().at};
        n.kids.push_back(std::move(left));
        n.kids.push_back(both());
        left = done(std::move(n));
    }
    return left;
}

node parser::both() {
    node left = negation();
    while (is_word("and")) {
        node n{.what = node_kind::both, .at = take().at};
        n.kids.push_back(std::move(left));
        n.kids.push_back(negation());
        left = done(std::move(n));
    }
    return left;
}

node parser::negation() {
    if (!is_word("not"))
        return comparison();
    const level deeper(*this);
    node n{.what = node_kind::negation, .at = take().at};
    n.kids.push_back(negation());
    return done(std::move(n));
}

node parser::comparison() {
    node first = sum();
    node n{.what = node_kind::comparison, .at = now().at};
    for (;;) {
        std::string sign;
        for (const char *known : {"==", "!=", "<", "<=", ">", ">="})
            if (is_sign(known))
                sign = known;
        if (is_word("in"))
            sign = "in";
        else if (is_word("not") && next().what == token::kind::name && next().text == "in")
            sign = "not in";
        if (sign.empty())
            break;
        take();
        if (sign == "not in")
            take();
        n.names.push_back(sign);
        n.kids.push_back(sum());
    }
    if (n.kids.empty())
        return first;
    n.kids.insert(n.kids.begin(), std::move(first));
    return done(std::move(n));
}

node parser::sum() {
    node left = joined();
    while (is_sign("+") || is_sign("-")) {
        node n{.what = node_kind::operation, .at = now().at, .text = now().text};
        take();
        n.kids.push_back(std::move(left));
        n.kids.push_back(joined());
        left = done(std::move(n));
    }
    return left;
}

node parser::joined() {
    node first = product();
    if (!is_sign("~"))
        return first;
    node n{.what = node_kind::joined, .at = now().at};
    n.kids.push_back(std::move(first));
    while (take_sign("~"))
        n.kids.push_back(product());
    return done(std::move(n));
}

node parser::product() {
    node left = power();
    while (is_sign("*") || is_sign("/") || is_sign("//") || is_sign("%")) {
        node n{.what = node_kind::operation, .at = now().at, .text = now().text};
        take();
        n.kids.push_back(std::move(left));
        n.kids.push_back(power());
        left = done(std::move(n));
    }
    return left;
}

node parser::power() { // from left to right: here Jinja differs from Python
    node left = unary(true);
    while (is_sign("**")) {
        node n{.what = node_kind::operation, .at = take().at, .text = "**"};
        n.kids.push_back(std::move(left));
        n.kids.push_back(unary(true));
        left = done(std::move(n));
    }
    return left;
}

node parser::unary(bool with_filters) {
    const level deeper(*this);
    node n;
    if (is_sign("-") || is_sign("+")) {
        n = {.what = is_sign("-") ? node_kind::negative : node_kind::positive, .at = now().at};
        take();
        n.kids.push_back(unary(false));
        n = done(std::move(n));
    } else {
        n = primary();
    }
    n = postfix(std::move(n));
    return with_filters ? filters(std::move(n)) : n;
}

node parser::primary() {
    node n{.what = node_kind::constant, .at = now().at};
    switch (now().what) {
    case token::kind::name: {
        for (const char *reserved : {"and", "or", "not", "if", "else", "in", "is"})
            if (is_word(reserved))
                unexpected();
        const std::string word = take().text;
        if (word == "true" || word == "True" || word == "false" || word == "False")
            n.fixed = value(word == "true" || word == "True");
        else if (word != "none" && word != "None")
            n.what = node_kind::name, n.text = word;
        uses_ |= word == "caller"    ? node::caller
                 : word == "varargs" ? node::varargs
                 : word == "kwargs"  ? node::kwargs
                                     : 0;
        return n;
    }
    case token::kind::string: {
        std::string whole;
        while (now().what == token::kind::string)
            whole += take().text;
        n.fixed = value(std::move(whole));
        return n;
    }
    case token::kind::integer: {
        const std::string digits = take().text;
        std::int64_t i = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), i).ec != std::errc())
            fail(n.at, "the number " + digits + " is too large");
        if (digits.size() > 1 && digits[0] == '0' && i != 0)
            fail(n.at, "the number " + digits + " begins with 0",
                 "Write " + std::to_string(i) + ", or put it in quotes.");
        n.fixed = value(i);
        return n;
    }
    case token::kind::real: {
        const std::string digits = take().text;
        double d = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), d).ec != std::errc())
            fail(n.at, "the number " + digits + " is too large or too small");
        n.fixed = value(d);
        return n;
    }
    default:
        if (take_sign("(")) {
            n = tuple(true, true);
            expect_sign(")", "what \"(\" opens");
            return n;
        }
        if (is_sign("["))
            return list();
        if (is_sign("{"))
            return dict();
        unexpected();
    }
}

node parser::tuple(bool with_if, bool in_brackets, std::string_view stops_at) {
    node n{.what = node_kind::tuple, .at = now().at};
    bool comma = false;
    for (;;) {
        const bool ends = now().what == token::kind::close_print || now().what == token::kind::close_block ||
                          is_sign(")") || (!stops_at.empty() && is_word(stops_at));
        if (ends)
            break;
        n.kids.push_back(expression(with_if));
        if (!take_sign(","))
            break;
        comma = true;
    }
    if (!comma && n.kids.size() == 1) {
        node only = std::move(n.kids.front());
        return only;
    }
    if (n.kids.empty() && !in_brackets)
        unexpected();
    return done(std::move(n));
}

node parser::list() {
    node n{.what = node_kind::list, .at = take().at};
    while (!is_sign("]")) {
        n.kids.push_back(expression());
        if (!take_sign(",") && !is_sign("]"))
            fail(now().at, "\",\" or \"]\" is expected here");
    }
    take();
    return done(std::move(n));
}

node parser::dict() {
    node n{.what = node_kind::dict, .at = take().at};
    while (!is_sign("}")) {
        n.kids.push_back(expression());
        expect_sign(":", "a key");
        n.kids.push_back(expression());
        if (!take_sign(",") && !is_sign("}"))
            fail(now().at, "\",\" or \"}\" is expected here");
    }
    take();
    return done(std::move(n));
}

node parser::postfix(node of) {
    for (;;) {
        if (is_sign(".") || is_sign("[")) {
            of = subscript(std::move(of));
        } else if (is_sign("(")) {
            node n{.what = node_kind::call, .at = of.at};
            n.kids.push_back(std::move(of));
            arguments(n);
            of = done(std::move(n));
        } else {
            return of;
        }
    }
}

node parser::subscript(node of) {
    const position at = of.at, sign = now().at;
    node n{.what = node_kind::item, .at = at};
    n.kids.push_back(std::move(of));
    if (take_sign(".")) {
        n.at = now().at;
        if (now().what == token::kind::integer) {
            n.kids.push_back(primary());
            return done(std::move(n));
        }
        n.what = node_kind::attribute;
        n.text = expect_name("an attribute");
        return done(std::move(n));
    }
    take();
    if (is_sign("]"))
        unexpected("an index");
    node index{.what = node_kind::slice, .at = sign};
    bool slices = false;
    for (int part = 0; part < 3; ++part) {
        if (is_sign(":") || is_sign("]"))
            index.kids.push_back({.what = node_kind::constant, .at = now().at});
        else
            index.kids.push_back(expression());
        if (!take_sign(":"))
            break;
        slices = true;
    }
    expect_sign("]", "an index");
    if (slices)
        while (index.kids.size() < 3)
            index.kids.push_back({.what = node_kind::constant, .at = sign});
    else
        index = node(std::move(index.kids.front()));
    n.kids.push_back(slices ? done(std::move(index)) : std::move(index));
    return done(std::move(n));
}

} // namespace barometre::jinja
