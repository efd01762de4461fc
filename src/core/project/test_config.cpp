#include "core/project/test_config.h"
#include "core/error.h"
#include "core/name/nearest.h"
#include "core/project/dbt/project_file.h"
#include "core/project/generic_test.h"
#include "core/project/read_parts.h"
#include "core/project/templates.h"
#include "core/text/text.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace barometre::project {

namespace {

/// The tests that need no macro, and their arguments, which must all be there but for `quote`.
const std::map<std::string, std::vector<std::string>> built_in = {{"unique", {}},
                                                                  {"not_null", {}},
                                                                  {"accepted_values", {"values", "quote"}},
                                                                  {"relationships", {"to", "field"}},
                                                                  {"expression_is_true", {"expression"}}};

/// What a test is called with.
struct test_form {
    std::string macro;
    std::vector<std::string> arguments, required; ///< but for the table and the column
    bool takes_column = true, needs_column = true;
    bool takes_others = false; ///< whatever else is given
};

test_form form_of_macro(const std::string &macro, const jinja::macro_signature &signature) {
    test_form form{.macro = macro, .arguments = {}, .required = {}, .takes_column = false, .needs_column = false};
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
        const std::string &name = signature.parameters[i];
        if (name == "column_name") {
            form.takes_column = true;
            form.needs_column = i < signature.required;
        } else if (name != "model") {
            form.arguments.push_back(name);
            if (i < signature.required)
                form.required.push_back(name);
        }
    }
    form.takes_others = signature.takes_others;
    form.takes_column |= signature.takes_others;
    return form;
}

/// Whether a test of a package that comes with barometre is what the test of that name without a package is, which
/// shares a scan with others. Not if the project has one of its own that it dispatches to.
bool is_ours(const std::string &package, const std::string &word, const jinja::macro_library &macros) {
    std::vector<std::string> looked;
    const auto *found = macros.find(package + ".test_" + word),
               *called = macros.dispatched("test_" + word, macros.search_order(package), looked);
    return built_in.count(word) && found && found->is_built_in && called && called->is_built_in;
}

/// Whether there is an argument, in either place.
bool is_given(const YAML::Node &arguments, const char *name) {
    const YAML::Node &read_only = arguments; // operator[] adds no key to it
    if (!arguments.IsMap())
        return false;
    const YAML::Node apart = read_only["arguments"];
    return read_only[name].IsDefined() || (apart.IsDefined() && is_given(apart, name));
}

/// How a test that is called `word` is called. One of the project's own takes the place of a built-in one.
test_form form_of(const yaml_map &owner, const place &at, const std::string &given, const YAML::Node &arguments,
                  const jinja::callbacks &context) {
    const std::size_t dot = given.find('.');
    const std::string word = given.substr(dot + 1),
                      package = dot == std::string::npos ? context.package : given.substr(0, dot);
    std::string prefix = (package.empty() ? "" : package + ".") + "test_";
    auto signature = context.macros ? context.macros->signature(prefix + word) : std::nullopt;
    if (!signature && context.macros) // one of the project's own stands in for a package's
        signature = context.macros->signature((prefix = "test_") + word);
    if (signature && !is_given(arguments, "condition") && is_ours(package, word, *context.macros))
        signature.reset(); // `condition` is of dbt_utils alone
    if (signature && !text::contains(signature->parameters, "model"))
        owner.fail(at, "the macro of test \"" + word + "\" has no argument \"model\"",
                   "It is in " + place{signature->file, signature->line}.text() + ".",
                   "Begin it with: {% test " + word + "(model, column_name) %}");
    if (signature)
        return form_of_macro(prefix + word, *signature);
    if (auto found = built_in.find(word); found != built_in.end()) {
        std::vector<std::string> required = found->second;
        std::erase(required, "quote");
        return {.macro = "",
                .arguments = found->second,
                .required = required,
                .takes_column = true,
                .needs_column = found->first != "expression_is_true"};
    }
    if (context.macros && context.macros->lacks_package(package))
        owner.fail(at, "test \"" + given + "\" is of a package that is not installed", "",
                   "Run dbt deps, or copy the test into tests/generic/.");
    std::vector<std::string> known;
    for (const auto &one : built_in)
        known.push_back(one.first);
    if (context.macros)
        for (const std::string &name : context.macros->names(package)) {
            const auto other = context.macros->signature(package.empty() ? name : package + "." + name);
            if (const std::string called = name.substr(std::min<std::size_t>(name.size(), 5));
                name.starts_with("test_") && text::contains(other->parameters, "model") &&
                !text::contains(known, called))
                known.push_back(called);
        }
    const std::string near = name::nearest(word, known);
    owner.fail(at, "unknown test \"" + word + "\" in " + owner.what(), "Known are " + joined(known) + ".",
               near.empty() ? "Correct the name, or write the test in tests/generic/."
                            : "Did you mean \"" + near + "\"?");
}

threshold read_threshold(yaml_map &map, const std::string &key) {
    const std::string text = map.text(key);
    std::string rest;
    for (char c : text)
        if (c != ' ' && c != '\t')
            rest += c;
    threshold out;
    for (const std::string sign : {"==", "!=", "<>", ">=", "<=", "=", ">", "<"}) {
        if (!rest.starts_with(sign))
            continue;
        const char *last = rest.data() + rest.size();
        auto [end, failure] = std::from_chars(rest.data() + sign.size(), last, out.count);
        if (failure != std::errc() || end != last || out.count < 0)
            break;
        out.sign = sign == "==" ? "=" : sign == "<>" ? "!=" : sign;
        return out;
    }
    map.fail(map.at(key), "key \"" + key + "\" must be a comparison with a number of rows", "It is \"" + text + "\".",
             "For example \"> 10\", in quotes. Signs are =, !=, >, >=, < and <=.");
}

/// What is no argument where it stands beside the arguments, as in dbt.
const std::vector<std::string> no_arguments = {"arguments", "column_name", "config",  "enabled", "error_if",
                                               "fail_calc", "limit",       "meta",    "name",    "severity",
                                               "tags",      "test_name",   "warn_if", "where"};

/// What dbt knows beside those, and what changes nothing here: failing rows are always kept, in barometre.test_result.
const std::vector<std::string> known_of_tests = {
    "alias", "database", "description", "docs", "group", "schema", "sql_header", "store_failures", "store_failures_as"};

/// The arguments of `form` that stand in `map`, alone or with other keys.
void read_arguments(yaml_map &map, const test_form &form, bool alone, generic_test &t) {
    std::vector<std::string> names = form.arguments;
    if (form.takes_others)
        for (const auto &entry : map.node())
            if (const std::string key = entry.first.Scalar();
                !text::contains(names, key) && (alone || !text::contains(known_of_tests, key)))
                names.push_back(key);
    for (const std::string &name : names) {
        if ((!alone && text::contains(no_arguments, name)) || !map.has(name))
            continue;
        if (t.arguments.count(name))
            map.fail(map.at(name), "argument \"" + name + "\" of test \"" + t.test + "\" is given twice", "",
                     "Remove one of them.");
        if (!form.macro.empty()) {
            t.arguments[name] = template_value(map.raw(name));
        } else if (name == "values" && map.raw(name).IsSequence()) { // as dbt writes them: 1.50 is 1.5, and yes True
            map.texts(name);                                         // each is a scalar
            t.arguments[name] = template_value(map.raw(name));
        } else if (name == "quote") {
            t.arguments[name] = template_value(map.raw(name));
            if (!t.arguments[name].is(jinja::value::kind::boolean))
                map.fail(map.at(name), "key \"quote\" must be true or false", "It is \"" + map.text(name) + "\".");
        } else {
            t.arguments[name] = map.text(name);
        }
    }
}

/// Renders what is said of how a test is judged: its condition and its arguments are rendered when it runs.
void render_judgement(yaml_map &map, const jinja::callbacks &context) {
    static const std::set<std::string> rendered = {"enabled",  "error_if", "limit",  "meta",
                                                   "severity", "tags",     "warn_if"};
    for (const auto &entry : map.node()) // to ask for a key that is not there costs a message of yaml-cpp's
        if (entry.first.IsScalar() && rendered.count(entry.first.Scalar()))
            dbt::render_values(map, entry.second, context);
}

/// What may be said of a generic test beside its arguments, and in the config() of its macro.
void read_generic_config(yaml_map &map, generic_test &t, bool &enabled) {
    read_test_config(map, t.config);
    enabled = map.boolean("enabled", enabled);
    t.config.where = map.text("where", t.config.where);
}

/// The config() of the test's macro: for all who call it, unless they say otherwise.
void read_macro_config(generic_test &t, const jinja::callbacks &context, bool &enabled) {
    const jinja::references found = find_test_references(t, context);
    if (found.settings.empty())
        return;
    const auto signature = context.macros->signature(t.macro);
    YAML::Node node(YAML::NodeType::Map);
    for (const auto &[key, v] : found.settings)
        node.force_insert(key, yaml_node(v));
    yaml_map map(node, signature->file, "config() of test \"" + t.test + "\"", signature->line);
    read_generic_config(map, t, enabled);
    map.finish();
}

/// The column of a test: the one it stands at, or of a table's test the one that its `column_name` says.
void read_column(yaml_map &map, const test_form &form, const std::string &column, generic_test &t) {
    t.column = column;
    if (!column.empty() && !form.takes_column)
        map.fail(t.at, "test \"" + t.test + "\" belongs to a table: it has no argument \"column_name\"", "",
                 "Put it under \"tests:\" of the table itself.");
    if (form.takes_column) // dbt tests the column that it stands at, whatever is said
        t.column = column.empty() ? map.text("column_name", "") : map.has("column_name") ? column : t.column;
    if (t.column.empty() && form.needs_column)
        map.fail(t.at, "test \"" + t.test + "\" belongs to a column", "",
                 "Put it under \"tests:\" of one of the columns, or give it its column_name.");
}

/// Adds one test, unless it is not enabled.
void read_test(yaml_map &owner, const YAML::Node &item, const std::string &column, const test_rules &rules,
               std::vector<generic_test> &out) {
    generic_test t;
    t.at = owner.at(item);
    bool enabled = true;
    t.config = rules.defaults_in(t.at.file, enabled);
    YAML::Node given(YAML::NodeType::Map);
    const YAML::Node &read_only = item; // operator[] adds no key to it
    const bool flat = item.IsMap() && read_only["test_name"].IsDefined();
    std::string word;
    if (item.IsScalar()) {
        word = item.Scalar();
    } else if (flat) {
        word = owner.inner(item, "a test of " + owner.what()).text("test_name");
        given = item;
    } else if (item.IsMap() && item.size() == 1) {
        word = item.begin()->first.Scalar();
        if (!item.begin()->second.IsNull())
            given = item.begin()->second;
    } else {
        owner.fail(t.at, "a test is a name, or a name with its arguments", "",
                   "For example: - accepted_values: {values: [a, b]}");
    }
    t.test = word.substr(word.find('.') + 1);
    t.package = rules.context.package;
    const test_form form = form_of(owner, t.at, word, given, rules.context);
    t.macro = form.macro;
    yaml_map map(given, owner.file(), "test \"" + t.test + "\"", t.at.line);
    if (flat)
        map.has("test_name");
    read_column(map, form, column, t);
    read_arguments(map, form, false, t);
    yaml_map arguments = map.map("arguments", "the arguments of test \"" + t.test + "\"");
    read_arguments(arguments, form, true, t);
    arguments.finish();
    const bool is_own = t.macro.find('.') == std::string::npos; // a package's complains itself, if it needs them
    for (const std::string &name : form.required)
        if (is_own && !t.arguments.count(name))
            owner.fail(t.at, "test \"" + t.test + "\" lacks the key \"" + name + "\"", "",
                       text::contains(no_arguments, name) ? "Give it under \"arguments:\"." : "");
    t.name = map.text("name", t.test);
    if (t.name.empty())
        map.fail(map.at("name"), "the name of test \"" + t.test + "\" is empty");
    if (!t.macro.empty())
        read_macro_config(t, rules.context, enabled);
    yaml_map config = map.map("config", "config of test \"" + t.test + "\"");
    render_judgement(config, rules.context);
    render_judgement(map, rules.context);
    for (const auto &entry : config.node())
        if (const std::string key = entry.first.Scalar(); map.node()[key].IsDefined())
            config.fail(config.at(key), "key \"" + key + "\" of test \"" + t.test + "\" is given twice",
                        "It is in its config, too.", "Remove one of them.");
    read_generic_config(config, t, enabled);
    config.finish();
    read_generic_config(map, t, enabled);
    map.finish();
    if (enabled)
        out.push_back(std::move(t));
}

/// What a test is called, as far as it can be seen, for messages about one that can't be read.
std::string name_of_test(const YAML::Node &item) {
    if (item.IsScalar())
        return item.Scalar();
    if (!item.IsMap())
        return "";
    for (const auto &entry : item)
        if (entry.first.IsScalar() && entry.first.Scalar() == "test_name" && entry.second.IsScalar())
            return entry.second.Scalar();
    return item.size() && item.begin()->first.IsScalar() ? item.begin()->first.Scalar() : "";
}

} // namespace

bool threshold::is_met_by(std::int64_t failures) const {
    return sign == "="    ? failures == count
           : sign == "!=" ? failures != count
           : sign == ">"  ? failures > count
           : sign == ">=" ? failures >= count
           : sign == "<"  ? failures < count
                          : failures <= count;
}

const char *test_config::judge(std::int64_t failures) const {
    if (severity == barometre::project::severity::error && error_if.is_met_by(failures))
        return "fail";
    return warn_if.is_met_by(failures) ? "warn" : "pass";
}

void read_test_config(yaml_map &map, test_config &config) {
    for (const std::string &key : known_of_tests)
        map.has(key);
    if (map.has("severity")) { // dbt minds no case
        const std::string word = map.text("severity");
        const bool warns = word == "WARN" || word == "Warn", fails = word == "ERROR" || word == "Error";
        config.severity = warns || (!fails && map.choice("severity", {"error", "warn"}, "error") == "warn")
                              ? severity::warn
                              : severity::error;
    }
    if (map.has("fail_calc")) {
        config.fail_calc = map.text("fail_calc");
        if (config.fail_calc.find_first_not_of(" \t\r\n") == std::string::npos)
            map.fail(map.at("fail_calc"), "key \"fail_calc\" is empty", "", "It is an SQL expression, such as sum(n).");
    }
    read_tags(map, config.tags);
    read_meta(map, config.meta);
    if (map.has("limit")) {
        config.limit = map.integer("limit", 0);
        if (*config.limit == 0)
            map.fail(map.at("limit"), "key \"limit\" must be at least 1", "",
                     "A test that must not run has enabled: false.");
    }
    if (map.has("warn_if"))
        config.warn_if = read_threshold(map, "warn_if");
    if (map.has("error_if"))
        config.error_if = read_threshold(map, "error_if");
}

std::vector<generic_test> read_tests(yaml_map &map, const std::string &column, const test_rules &rules) {
    std::vector<generic_test> out;
    const bool old = map.has("tests"), both = map.has("data_tests") && old;
    if (both)
        map.fail(map.at("data_tests"), "\"tests\" and \"data_tests\" of " + map.what() + " are the same", "",
                 "Put all into one of them.");
    const std::string key = old ? "tests" : "data_tests";
    if (!map.has(key))
        return out;
    const YAML::Node list = map.raw(key);
    const auto read = [&](const YAML::Node &item) {
        try {
            read_test(map, item, column, rules, out);
        } catch (const error &e) {
            if (e.is_intervention() || !rules.refused)
                throw;
            rules.refused(name_of_test(item), map.at(item), e);
        }
    };
    if (list.IsScalar()) {
        read(list);
        return out;
    }
    if (!list.IsSequence())
        map.fail(map.at(key), "key \"" + key + "\" must be a list");
    for (const auto &item : list)
        read(item);
    return out;
}

bool apply_test_config(singular_test &t, const test_rules &rules, bool enabled) {
    const jinja::references read = jinja::find_references(t.source, t.file, rules.context);
    for (const auto &[key, v] : read.settings) {
        YAML::Node node(YAML::NodeType::Map);
        node.force_insert(key, yaml_node(v));
        yaml_map map(node, t.file, "config()", read.setting_lines.at(key), rules.found);
        read_test_config(map, t.config);
        enabled = map.boolean("enabled", enabled);
        map.has("where"); // for dbt it is of generic tests: what a test of SQL reads says the SQL
        map.finish();
    }
    return enabled;
}

} // namespace barometre::project
