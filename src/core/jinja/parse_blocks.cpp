#include "core/jinja/parser.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;

} // namespace

node parser::whole() {
    node root = block_until({}, nullptr);
    return root;
}

/// Nodes up to a tag that begins with one of `ends`, which stays unread: now() is its first word.
node parser::block_until(std::initializer_list<std::string_view> ends, const token *opened) {
    const level deeper(*this);
    node block{.what = node_kind::block, .at = now().at};
    for (;;) {
        switch (now().what) {
        case token::kind::data:
            block.kids.push_back({.what = node_kind::data, .at = now().at, .text = now().text});
            take();
            break;
        case token::kind::open_print: {
            node n{.what = node_kind::print, .at = take().at};
            n.kids.push_back(tuple(true, false));
            if (now().what != token::kind::close_print)
                unexpected();
            take();
            block.kids.push_back(done(std::move(n)));
            break;
        }
        case token::kind::open_block: {
            take();
            if (now().what != token::kind::name)
                unexpected("the name of a statement");
            if (std::find(ends.begin(), ends.end(), now().text) != ends.end())
                return done(std::move(block));
            block.kids.push_back(statement());
            break;
        }
        default:
            if (opened) {
                const std::string end = opened->text == "elif" || opened->text == "else" ? "if" : opened->text;
                fail(opened->at, "\"{% " + opened->text + " %}\" is never closed",
                     "Close it with \"{% " +
                         std::string(std::find(ends.begin(), ends.end(), "endfor") != ends.end() ? "endfor"
                                                                                                 : "end" + end) +
                         " %}\".");
            }
            return done(std::move(block));
        }
    }
}

void parser::close_block() {
    if (now().what != token::kind::close_block)
        unexpected(now().what == token::kind::sign || now().what == token::kind::name ? "\"%}\"" : "");
    take();
}

node parser::statement() {
    const token word = now();
    const position at = word.at;
    if (word.text == "set") {
        take();
        return set_statement(at);
    }
    if (word.text == "if")
        return if_statement(at);
    if (word.text == "for")
        return for_statement(at);
    if (word.text == "macro" || word.text == "test") {
        take();
        return macro_statement(at, word.text);
    }
    if (word.text == "do") {
        take();
        node n{.what = node_kind::act, .at = at};
        n.kids.push_back(tuple(true, false));
        close_block();
        return done(std::move(n));
    }
    if ((word.text == "break" || word.text == "continue") && loops_ > 0) {
        take();
        close_block();
        return {.what = node_kind::leave, .at = at, .text = word.text};
    }
    if (word.text == "call")
        return call_statement(at);
    if (word.text == "filter")
        return filter_statement(at);
    if (word.text == "with")
        return with_statement(at);
    return unsupported_statement(word);
}

node parser::set_statement(const position &at) {
    node n{.what = node_kind::set, .at = at};
    targets(n.names, true);
    if (take_sign("=")) {
        n.kids.push_back(tuple(true, false));
        close_block();
        return done(std::move(n));
    }
    if (now().what != token::kind::close_block && !is_sign("|"))
        fail(now().at, "\"=\" is expected after the name");
    if (n.names.size() != 1)
        fail(now().at, "a block can be set to one name only");
    n.kids.push_back(filtered_block("endset", {token::kind::name, "set", at}));
    return done(std::move(n));
}

node parser::if_statement(const position &at) {
    node n{.what = node_kind::choice, .at = at};
    const token opened = now();
    for (;;) {
        take(); // if or elif
        n.kids.push_back(tuple(false, false));
        close_block();
        n.kids.push_back(block_until({"elif", "else", "endif"}, &opened));
        if (!is_word("elif"))
            break;
    }
    if (take_word("else")) {
        close_block();
        n.kids.push_back(block_until({"endif"}, &opened));
    }
    take();
    close_block();
    return done(std::move(n));
}

node parser::for_statement(const position &at) {
    node n{.what = node_kind::loop, .at = at};
    const token opened = take();
    targets(n.names, false);
    if (!take_word("in"))
        fail(now().at, "\"in\" is expected after the name");
    n.kids.push_back(tuple(false, false, "recursive"));
    std::vector<node> condition;
    if (take_word("if"))
        condition.push_back(expression());
    if (is_word("recursive"))
        n.text = take().text;
    close_block();
    ++loops_;
    n.kids.push_back(block_until({"else", "endfor"}, &opened));
    --loops_;
    const position end = now().at;
    if (take_word("else")) {
        close_block();
        n.kids.push_back(block_until({"endfor"}, &opened));
    } else {
        n.kids.push_back({.what = node_kind::block, .at = end});
    }
    take();
    close_block();
    for (node &one : condition)
        n.kids.push_back(std::move(one));
    return done(std::move(n));
}

/// A test of the project's own is a macro whose name begins with test_, as in dbt.
node parser::macro_statement(const position &at, const std::string &word) {
    node n{.what = node_kind::macro, .at = at};
    n.text = (word == "test" ? "test_" : "") + expect_name("a " + word);
    if (!is_sign("("))
        expect_sign("(", "the name of a " + word);
    return macro_body(std::move(n), word, word == "test" ? "endtest" : "endmacro");
}

parsed parse(const std::string &source, const std::string &file, bool keep_lines, int first_line) {
    parsed out{std::make_unique<const std::string>(file), {}};
    std::vector<token> tokens = tokenize(source, *out.file, keep_lines, first_line);
    out.parts = tokens.size();
    out.root = parser(std::move(tokens)).whole();
    return out;
}

} // namespace barometre::jinja
