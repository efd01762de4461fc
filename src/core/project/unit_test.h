#pragma once

#include "core/jinja/value.h"
#include "core/project/column.h"
#include "core/project/findings.h"

#include <map>
#include <string>
#include <vector>

/// Unit tests of models: which rows a model must give for rows that are made up.
namespace barometre::project {

/// Rows as they are made up, or as they stand in a file.
struct fixture {
    enum class forms {
        rows, ///< one by one: of mappings or CSV
        sql,  ///< what a query gives
        seed, ///< nothing is said: those of the seed that they stand for
    };
    forms form = forms::seed;
    std::vector<std::string> columns;            ///< of rows
    std::vector<std::vector<jinja::value>> rows; ///< a value a column; none: NULL
    std::string sql;                             ///< with its templates
    place at;                                    ///< of a file: the whole
};

/// What a unit test says of the templates of its model in the place of what they are elsewhere.
struct template_overrides {
    std::map<std::string, jinja::value> macros, vars;
    std::map<std::string, std::string> env;
};

struct unit_test {
    struct input {
        std::string said;                        ///< ref('x')
        std::string package, ref, source, table; ///< what that names; none: `this`
        std::string node;                        ///< filled when all is read
        fixture rows;
        place at;
        bool is_this() const { return ref.empty() && source.empty(); }
    };
    std::string name;
    std::string model;   ///< that it tests
    std::string package; ///< in which it is declared; empty: the project itself
    std::vector<input> given;
    fixture expected;
    template_overrides overrides;
    test_config config;      ///< tags and meta alone
    jinja::dict declaration; ///< given, expect and overrides, as they stand
    place at;
};

} // namespace barometre::project
