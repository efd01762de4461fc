#include "core/jinja/parser.h"

#include <set>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;

} // namespace

void parser::arguments(node &of) {
    take();
    std::set<std::string> keywords;
    while (!is_sign(")")) {
        std::string keyword;
        const bool has_rest = !of.names.empty() && of.names.back() == "**";
        if (has_rest)
            fail(now().at, "an argument is after the one with \"**\"");
        if (is_sign("*") || is_sign("**")) {
            keyword = take().text;
            if (keyword == "*" && !keywords.insert(keyword).second)
                fail(now().at, "a second list is unpacked as arguments");
        } else if (now().what == token::kind::name && next().what == token::kind::sign && next().text == "=") {
            keyword = take().text;
            take();
        } else if (!of.names.empty() && !of.names.back().empty()) {
            fail(now().at, "an argument without a keyword is after one with a keyword");
        }
        if (!keyword.empty() && keyword[0] != '*' && !keywords.insert(keyword).second)
            fail(now().at, "the argument \"" + keyword + "\" is given twice");
        of.names.push_back(keyword);
        of.kids.push_back(expression());
        if (!take_sign(",") && !is_sign(")"))
            fail(now().at, "\",\" or \")\" is expected here");
    }
    take();
}

node parser::one_filter(node of) {
    node n{.what = node_kind::filter, .at = now().at};
    n.text = expect_name("a filter");
    n.kids.push_back(std::move(of));
    if (is_sign("("))
        arguments(n);
    return done(std::move(n));
}

node parser::filters(node of) {
    for (;;) {
        if (take_sign("|")) {
            of = one_filter(std::move(of));
        } else if (is_word("is")) {
            take();
            const bool negated = is_word("not");
            if (negated)
                take();
            node n{.what = node_kind::test, .at = now().at};
            n.text = expect_name("a test");
            n.kids.push_back(std::move(of));
            const bool value = now().what == token::kind::string || now().what == token::kind::integer ||
                               now().what == token::kind::real || is_sign("[") || is_sign("{");
            const bool word = now().what == token::kind::name && !is_word("else") && !is_word("or") &&
                              !is_word("and") && !is_word("if") && !is_word("is") && !is_word("not") && !is_word("in");
            if (is_sign("(")) {
                arguments(n);
            } else if (value || word) {
                n.names.emplace_back();
                n.kids.push_back(postfix(primary()));
            }
            of = done(std::move(n));
            if (is_word("is"))
                fail(now().at, "tests can't be chained with \"is\"",
                     "Write \"and\" between them, or put the first in brackets.");
            if (negated) {
                node inverse{.what = node_kind::negation, .at = of.at};
                inverse.kids.push_back(std::move(of));
                of = done(std::move(inverse));
            }
        } else if (is_sign("(")) {
            of = postfix(std::move(of));
        } else {
            return of;
        }
    }
}

} // namespace barometre::jinja
