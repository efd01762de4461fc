#include "core/jinja/parser.h"
#include "core/name/nearest.h"

#include <set>

namespace barometre::jinja {

namespace {

using node_kind = node::kind;

const std::vector<std::string> known_words = {"set", "if",   "for",  "macro",  "do",
                                              "raw", "test", "call", "filter", "with"};

/// What others know, and what to do instead.
std::string instead_of(const std::string &word) {
    if (word == "import" || word == "from" || word == "include" || word == "extends" || word == "block")
        return "Macros of the macros folders are known everywhere by their names.";
    if (word == "break" || word == "continue")
        return "It stands in the block of a {% for %} itself.";
    if (word == "snapshot")
        return "Put it into a file of the snapshots folder, at the top level of the file.";
    if (word == "materialization")
        return "A model becomes what barometre knows: a table, a view, incremental, ephemeral.";
    if (word == "docs")
        return "Put it into a .md file below the models.";
    return "";
}

} // namespace

/// What is not supported is told when it is come to, so that it keeps nobody from what stands beside it. Its block, if
/// it has one, is not even read.
node parser::unsupported_statement(const token &word) {
    const std::string name = word.text, end = "end" + name;
    if (name.starts_with("end") || name == "else" || name == "elif")
        fail(word.at, "\"{% " + name + " %}\" closes nothing",
             name.starts_with("end") ? "There is no \"{% " + name.substr(3) + " %}\" before it."
                                     : "There is no \"{% if %}\" before it.");
    std::string hint = instead_of(name);
    const auto last = last_ends_.find(end);
    const bool has_block = last != last_ends_.end() && last->second > at_;
    if (hint.empty()) {
        const std::string near = name::nearest(name, known_words);
        hint = near.empty() ? "Known are set, if, for, macro, call, filter, with, do and raw."
                            : "Did you mean \"" + near + "\"?";
        if (!near.empty() && !has_block)
            fail(word.at, "the statement \"" + name + "\" is not supported", hint);
    }
    node n{.what = node_kind::unsupported, .at = word.at, .fixed = value(hint)};
    n.text = name == "snapshot"                      ? "a snapshot can't stand here"
             : name == "break" || name == "continue" ? "\"" + name + "\" is outside of a loop"
                                                     : "the statement \"" + name + "\" is not supported";
    if (has_block)
        while (!(tokens_[at_ - 1].what == token::kind::open_block && now().text == end))
            take();
    while (now().what != token::kind::close_block)
        take();
    take();
    return n;
}

node parser::filtered_block(std::string_view end, const token &opened) {
    // The filters are read when what they change is there.
    const std::size_t from = at_;
    while (now().what != token::kind::close_block)
        take();
    take();
    const int loops = std::exchange(loops_, 0); // its text would be lost
    node of = block_until({end}, &opened);
    loops_ = loops;
    take();
    close_block();
    const std::size_t behind = std::exchange(at_, from);
    if (now().what == token::kind::name) // of {% filter %} the first one has no sign before it
        of = one_filter(std::move(of));
    while (take_sign("|"))
        of = one_filter(std::move(of));
    if (now().what != token::kind::close_block)
        unexpected();
    at_ = behind;
    return of;
}

node parser::filter_statement(const position &at) {
    const token opened = take();
    if (now().what != token::kind::name)
        unexpected("the name of a filter");
    node n{.what = node_kind::print, .at = at};
    n.kids.push_back(filtered_block("endfilter", opened));
    return done(std::move(n));
}

node parser::call_statement(const position &at) {
    const token opened = take();
    node caller{.what = node_kind::macro, .at = at, .text = "caller"};
    std::vector<node> defaults;
    if (is_sign("("))
        parameters_of(caller, defaults);
    node n{.what = node_kind::call_block, .at = at};
    n.kids.push_back(expression());
    if (n.kids[0].what != node_kind::call)
        fail(n.kids[0].at, "a call is expected here", "For example: {% call name() %}.");
    n.kids.push_back(macro_body(std::move(caller), "call", "endcall"));
    for (node &one : defaults)
        n.kids[1].kids.push_back(std::move(one));
    n.kids[1] = done(std::move(n.kids[1]));
    return done(std::move(n));
}

node parser::with_statement(const position &at) {
    const token opened = take();
    node n{.what = node_kind::with, .at = at};
    n.kids.emplace_back();
    while (now().what != token::kind::close_block) {
        if (n.kids.size() > 1 && !take_sign(","))
            fail(now().at, "\",\" or \"%}\" is expected here");
        targets(n.names, false);
        expect_sign("=", "the name");
        n.kids.push_back(expression());
    }
    close_block();
    n.kids[0] = block_until({"endwith"}, &opened);
    take();
    close_block();
    return done(std::move(n));
}

/// What is assigned to: one target, or several with commas between them, which are put between "(" and ")".
void parser::targets(std::vector<std::string> &into, bool with_fields) {
    std::vector<std::string> all;
    bool several = false;
    while (target(all, with_fields)) {
        if (!take_sign(","))
            break;
        several = true;
    }
    if (all.empty())
        unexpected("the name of a variable");
    if (several)
        into.emplace_back("(");
    into.insert(into.end(), all.begin(), all.end());
    if (several)
        into.emplace_back(")");
}

bool parser::target(std::vector<std::string> &into, bool with_fields) {
    const level deeper(*this);
    const position at = now().at;
    if (take_sign("(")) {
        targets(into, with_fields);
        expect_sign(")", "the names");
        return true;
    }
    if (now().what != token::kind::name || is_word("in"))
        return false;
    std::string name = take().text;
    for (const char *word : {"true", "false", "none", "True", "False", "None"})
        if (name == word)
            fail(at, "\"" + name + "\" can't be the name of a variable");
    if (with_fields && take_sign("."))
        name += "." + expect_name("an attribute");
    into.push_back(std::move(name));
    return true;
}

void parser::parameters_of(node &macro, std::vector<node> &defaults) {
    take();
    std::set<std::string> seen;
    while (!is_sign(")")) {
        const position where = now().at;
        macro.names.push_back(expect_name("an argument"));
        if (!seen.insert(macro.names.back()).second)
            fail(where, "the argument \"" + macro.names.back() + "\" is there twice");
        if (take_sign("="))
            defaults.push_back(expression());
        else if (!defaults.empty())
            fail(where, "the argument \"" + macro.names.back() + "\" has no default, but one before it has");
        if (!take_sign(",") && !is_sign(")"))
            fail(now().at, "\",\" or \")\" is expected here");
    }
    take();
}

/// The parameters, if they are next, and the block.
node parser::macro_body(node macro, const std::string &word, std::string_view end) {
    std::vector<node> defaults;
    if (is_sign("("))
        parameters_of(macro, defaults);
    close_block();
    const token opened{token::kind::name, word, macro.at};
    const int outside = std::exchange(uses_, 0), loops = std::exchange(loops_, 0);
    macro.kids.push_back(block_until({end}, &opened));
    loops_ = loops;
    macro.fixed = value(uses_);
    uses_ |= outside;
    take();
    if (now().what == token::kind::name) // {% endmacro name %}
        take();
    close_block();
    for (node &one : defaults)
        macro.kids.push_back(std::move(one));
    return done(std::move(macro));
}

} // namespace barometre::jinja
