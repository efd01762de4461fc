#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace barometre::templating {

using arguments = std::map<std::string, std::vector<std::string>>;

/// What a template's calls become. `ref` and `source` return the SQL text to put
/// in their place (a quoted name) and may throw; `config` gets the keyword
/// arguments of {{ config(...) }}, which prints nothing; a scalar is a list of one.
struct callbacks {
    std::function<std::string(const std::string &name)> ref;
    std::function<std::string(const std::string &tap, const std::string &stream)> source;
    std::function<void(const arguments &named)> config;
    int line = 0; ///< of the call that is being made, from 1
};

/// Renders `source`. Known are {{ ref('x') }}, {{ source('a', 'b') }},
/// {{ config(key='value', key=['a', 'b']) }} and {# comments #}; anything else
/// between braces is an error (project_invalid) with `file`, line and column. Line
/// numbers of the result are those of the source: newlines inside braces are kept.
std::string render(const std::string &source, const std::string &file, callbacks &calls);

/// The references of a template, found by rendering it.
struct references {
    std::vector<std::string> refs;                            ///< in order, without repeats
    std::vector<std::pair<std::string, std::string>> sources; ///< likewise
    arguments config; ///< the last call of each key counts, but `tags` add up as in dbt
    std::map<std::string, int> lines; ///< of the first mention of each ref, and of each source as tap.stream
};
references find_references(const std::string &source, const std::string &file);

} // namespace barometre::templating
