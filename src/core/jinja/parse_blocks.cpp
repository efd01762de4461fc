#include "core/jinja/parser.h"
#include "core/name/nearest.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;

const std::vector<std::string> known_statements = {"set", "if", "for", "macro", "do", "raw", "test"};

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
    refuse_statement(word);
}

void parser::refuse_statement(const token &word) {
    const std::string &name = word.text;
    if (name.starts_with("end") || name == "else" || name == "elif")
        fail(word.at, "\"{% " + name + " %}\" closes nothing",
             name.starts_with("end") ? "There is no \"{% " + name.substr(3) + " %}\" before it."
                                     : "There is no \"{% if %}\" before it.");
    if (name == "snapshot")
        fail(word.at, "a snapshot can't stand here",
             "Put it into a file of the snapshots folder, at the top level of the file.");
    std::string hint;
    if (name == "call")
        hint = "Statements of a template can't run SQL; write the query into the model, or the values into vars.";
    else if (name == "import" || name == "from" || name == "include" || name == "extends")
        hint = "Macros of the macros folders are known everywhere by their names.";
    else if (name == "break" || name == "continue")
        hint = "Use {% for x in list if condition %}.";
    else if (const std::string near = name::nearest(name, known_statements); !near.empty())
        hint = "Did you mean \"" + near + "\"?";
    else
        hint = "Known are set, if, for, macro, do and raw.";
    fail(word.at, "the statement \"" + name + "\" is not supported", hint);
}

std::vector<std::string> parser::targets() {
    std::vector<std::string> names;
    const bool brackets = take_sign("(");
    do {
        if (now().what != token::kind::name || is_word("in"))
            break;
        const position at = now().at;
        names.push_back(take().text);
        for (const char *word : {"true", "false", "none", "True", "False", "None"})
            if (names.back() == word)
                fail(at, "\"" + names.back() + "\" can't be the name of a variable");
    } while (take_sign(","));
    if (names.empty())
        unexpected("the name of a variable");
    if (brackets)
        expect_sign(")", "the names");
    return names;
}

node parser::set_statement(const position &at) {
    node n{.what = node_kind::set, .at = at};
    if (now().what == token::kind::name && next().what == token::kind::sign && next().text == ".") {
        n.what = node_kind::set_field;
        n.text = take().text;
        take();
        n.names.push_back(expect_name("an attribute"));
    } else {
        n.names = targets();
    }
    if (take_sign("=")) {
        n.kids.push_back(tuple(true, false));
        close_block();
        return done(std::move(n));
    }
    if (now().what != token::kind::close_block)
        fail(now().at, "\"=\" is expected after the name");
    if (n.what == node_kind::set_field || n.names.size() != 1)
        fail(now().at, "a block can be set to one name only");
    close_block();
    n.what = node_kind::set_block;
    const token opened{token::kind::name, "set", at};
    n.kids.push_back(block_until({"endset"}, &opened));
    take();
    close_block();
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
    n.names = targets();
    if (!take_word("in"))
        fail(now().at, "\"in\" is expected after the name");
    n.kids.push_back(tuple(false, false, "recursive"));
    std::vector<node> condition;
    if (take_word("if"))
        condition.push_back(expression());
    if (is_word("recursive"))
        fail(now().at, "loops can't be recursive", "Write a macro that calls itself.");
    close_block();
    n.kids.push_back(block_until({"else", "endfor"}, &opened));
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
    expect_sign("(", "the name of a " + word);
    std::vector<node> defaults;
    while (!is_sign(")")) {
        const position where = now().at;
        n.names.push_back(expect_name("an argument"));
        if (std::find(n.names.begin(), n.names.end() - 1, n.names.back()) != n.names.end() - 1)
            fail(where, "the argument \"" + n.names.back() + "\" is there twice");
        if (take_sign("="))
            defaults.push_back(expression());
        else if (!defaults.empty())
            fail(where, "the argument \"" + n.names.back() + "\" has no default, but one before it has");
        if (!take_sign(",") && !is_sign(")"))
            fail(now().at, "\",\" or \")\" is expected here");
    }
    take();
    close_block();
    const token opened{token::kind::name, word, at};
    n.kids.push_back(block_until({word == "test" ? "endtest" : "endmacro"}, &opened));
    take();
    if (now().what == token::kind::name) // {% endmacro name %}
        take();
    close_block();
    for (node &one : defaults)
        n.kids.push_back(std::move(one));
    return done(std::move(n));
}

parsed parse(const std::string &source, const std::string &file, bool keep_lines, int first_line) {
    parsed out{std::make_unique<const std::string>(file), {}};
    out.root = parser(tokenize(source, *out.file, keep_lines, first_line)).whole();
    return out;
}

} // namespace barometre::jinja
