#pragma once

#include "core/jinja/lexer.h"
#include "core/jinja/value.h"

#include <memory>

namespace barometre::jinja {

/// A piece of a parsed template. What `kids`, `names` and `text` are is said at each kind.
struct node {
    enum class kind {
        constant,   ///< `fixed`
        name,       ///< text
        list,       ///< kids
        tuple,      ///< kids
        dict,       ///< kids: key, value, key, value, ...
        attribute,  ///< of kids[0], called text
        item,       ///< kids[0][kids[1]]
        slice,      ///< kids: from, to, step; each may be a constant none
        call,       ///< kids[0] with the others as arguments; names: "" or the keyword of each, or * or **
        filter,     ///< text; kids and names as of a call
        test,       ///< text; likewise
        negative,   ///< kids[0]
        positive,   ///< kids[0]
        negation,   ///< kids[0]
        both,       ///< kids[0] and kids[1]
        either,     ///< kids[0] or kids[1]
        inline_if,  ///< kids: value, condition, and else if there is one
        comparison, ///< names: the signs between the kids
        operation,  ///< text: the sign between the two kids
        joined,     ///< kids, with ~ between them
        data,       ///< text
        print,      ///< kids[0]
        act,        ///< kids[0], {% do %}
        set,        ///< names: a target; kids[0]
        choice,     ///< kids: condition, block, condition, block, ..., and the block of else if there is one
        loop,  ///< names: a target; kids: what is gone through, block, block of else, and condition if there is one
        macro, ///< text; names: parameters; kids: block, and the defaults of the last parameters; fixed: macro_uses
        call_block,  ///< kids: a call, and the macro `caller` that it is given
        with,        ///< names: targets, one after another; kids: block, and the value of each
        leave,       ///< the round of a loop: text is break or continue
        unsupported, ///< text: why; fixed: a hint. It is an error when it is come to
        block,       ///< kids; where a value is expected, the text that it makes
    };

    /// What else a macro is given that names it: bits of `fixed`.
    enum macro_uses { caller = 1, varargs = 2, kwargs = 4 };

    kind what = kind::block;
    position at;
    std::string text{};
    value fixed{};
    /// A target: a name, n.field of a namespace, or several targets between "(" and ")".
    std::vector<std::string> names{};
    std::vector<node> kids{};
    int depth = 1; ///< of nodes in nodes; bounded, since both evaluation and destruction go down recursively
};

/// A template that was read whole. `file` is what the positions point to.
struct parsed {
    std::unique_ptr<const std::string> file;
    node root;
    std::size_t parts = 0; ///< tokens
};

/// What reading a template takes at most, for each byte of it.
inline constexpr std::uint64_t bytes_of_parsed = 64;

/// Throws project_invalid with file, line and column. `keep_lines` and `first_line`: as of tokenize().
parsed parse(const std::string &source, const std::string &file, bool keep_lines = false, int first_line = 1);

} // namespace barometre::jinja
