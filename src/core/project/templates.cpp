#include "core/project/templates.h"
#include "core/json/writer.h"
#include "core/sql/quote.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace barometre::project {

namespace {

bool is_one_of(const std::string &word, std::initializer_list<const char *> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

jinja::value scalar(const std::string &text) {
    if (is_one_of(text, {"", "~", "null", "Null", "NULL"}))
        return {};
    if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "on", "On"}))
        return true;
    if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "off", "Off"}))
        return false;
    const char *from = text.data() + (text.size() > 1 && text[0] == '+' && text[1] != '-'),
               *end = text.data() + text.size();
    const std::size_t first = text.find_first_not_of("+-");
    const bool zeros = first != std::string::npos && text[first] == '0' && first + 1 < text.size() &&
                       text[first + 1] != '.'; // a code, such as 01
    std::int64_t i = 0;
    if (auto [stop, failure] = std::from_chars(from, end, i); failure == std::errc() && stop == end && !zeros)
        return i;
    double d = 0;
    if (auto [stop, failure] = std::from_chars(from, end, d);
        failure == std::errc() && stop == end && !zeros && std::isfinite(d) && text.find('.') != std::string::npos)
        return d;
    return text;
}

} // namespace

std::string json_text(const jinja::value &v) {
    using kind = jinja::value::kind;
    if (v.is(kind::dict)) {
        json::object out;
        for (const auto &[key, one] : v.entries().entries())
            out.raw(jinja::printed(key), json_text(one));
        return out.text();
    }
    if (v.is_sequence()) {
        json::array out;
        for (const jinja::value &one : v.items())
            out.raw(json_text(one));
        return out.text();
    }
    if (v.is(kind::string) || v.is(kind::relation))
        return json::quoted(jinja::printed(v));
    if (v.is(kind::boolean))
        return v.boolean() ? "true" : "false";
    if (v.is(kind::integer) || (v.is(kind::real) && std::isfinite(v.real())))
        return jinja::printed(v);
    return "null";
}

jinja::value template_value(const YAML::Node &node) {
    if (node.IsSequence()) {
        jinja::list out;
        for (const auto &one : node)
            out.push_back(template_value(one));
        return out;
    }
    if (node.IsMap()) {
        jinja::dict out;
        for (const auto &entry : node)
            out.set(entry.first.Scalar(), template_value(entry.second));
        return out;
    }
    if (!node.IsScalar())
        return {};
    return node.Tag() == "!" ? jinja::value(node.Scalar()) : scalar(node.Scalar());
}

YAML::Node yaml_node(const jinja::value &v) {
    using kind = jinja::value::kind;
    YAML::Node out;
    switch (v.type()) {
    case kind::undefined:
    case kind::none:
    case kind::opaque:
        break;
    case kind::boolean:
        out = v.boolean() ? "true" : "false";
        break;
    case kind::integer:
    case kind::real:
        out = jinja::printed(v);
        break;
    case kind::string:
    case kind::relation:
        out = jinja::printed(v);
        out.SetTag("!");
        break;
    case kind::list:
    case kind::tuple:
        out = YAML::Node(YAML::NodeType::Sequence);
        for (const jinja::value &one : v.items())
            out.push_back(yaml_node(one));
        break;
    case kind::dict:
        out = YAML::Node(YAML::NodeType::Map);
        for (const auto &[key, one] : v.entries().entries())
            out.force_insert(jinja::printed(key), yaml_node(one));
        break;
    }
    return out;
}

jinja::callbacks template_context(const project &p, const model *self) {
    jinja::callbacks calls;
    calls.vars = p.vars;
    calls.spending = p.spending;
    calls.macros = p.macros;
    calls.target = {{"name", "default"}, {"schema", p.schema}, {"type", "postgres"}, {"profile_name", p.name}};
    if (self)
        calls.self = jinja::relation(sql::quote_name(self->schema) + "." + sql::quote_name(self->relation()));
    return calls;
}

} // namespace barometre::project
