#pragma once

#include "core/interrupts.h"
#include "core/jinja/ast.h"

#include <initializer_list>
#include <map>

namespace barometre::jinja {

/// Reads tokens into nodes. What it accepts, and with which precedence, is Jinja's grammar.
class parser {
public:
    parser(std::vector<token> tokens);

    node whole();

protected:
    // Blocks: parse_blocks.cpp
    node block_until(std::initializer_list<std::string_view> ends, const token *opened);
    node statement();
    node set_statement(const position &at);
    node if_statement(const position &at);
    node for_statement(const position &at);
    node macro_statement(const position &at, const std::string &word);
    node call_statement(const position &at);
    node with_statement(const position &at);
    node filter_statement(const position &at);
    node unsupported_statement(const token &word);
    node macro_body(node macro, const std::string &word, std::string_view end);
    void parameters_of(node &macro, std::vector<node> &defaults);
    /// A block up to `end`, through the filters that the tag which opens it has before its end.
    node filtered_block(std::string_view end, const token &opened);
    void close_block();
    void targets(std::vector<std::string> &into, bool with_fields);
    bool target(std::vector<std::string> &into, bool with_fields);

    // Expressions: parser.cpp, and of arguments and filters parse_calls.cpp
    node expression(bool with_if = true);
    node either();
    node both();
    node negation();
    node comparison();
    node sum();
    node joined();
    node product();
    node power();
    node unary(bool with_filters);
    node primary();
    node postfix(node of);
    node filters(node of);
    node one_filter(node of);
    node tuple(bool with_if, bool in_brackets, std::string_view stops_at = {});
    node list();
    node dict();
    node subscript(node of);
    void arguments(node &of);

    const token &now() const { return tokens_[at_]; }
    const token &next() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
    token take() {
        check_interrupts();
        return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_];
    }
    bool is_sign(std::string_view s) const { return now().what == token::kind::sign && now().text == s; }
    bool is_word(std::string_view s) const { return now().what == token::kind::name && now().text == s; }
    bool take_sign(std::string_view s);
    bool take_word(std::string_view s);
    void expect_sign(std::string_view s, const std::string &after);
    std::string expect_name(const std::string &of);
    [[noreturn]] void unexpected(const std::string &wanted = {}) const;

    /// `n` with its depth. Throws when it is nested too deeply.
    static node done(node n);

    /// Counts how deep the parser itself is.
    struct level {
        explicit level(parser &p);
        ~level() { --p_.level_; }
        parser &p_;
    };

    std::vector<token> tokens_;
    std::size_t at_ = 0;
    int level_ = 0;
    int loops_ = 0;                                ///< that break and continue can leave
    int uses_ = 0;                                 ///< macro_uses of what was read of a macro
    std::map<std::string, std::size_t> last_ends_; ///< of each word, the last tag that begins with it
};

} // namespace barometre::jinja
