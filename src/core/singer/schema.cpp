#include "core/singer/schema.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace barometre::singer {

namespace {

using json::tree;

/// The SQL types of what a schema allows, as far as it says so.
struct allowed {
    std::set<std::string> types;

    void add(const tree &schema) {
        if (const tree *type = schema.find("type")) {
            if (type->is(tree::kinds::array))
                for (const tree &one : type->elements)
                    add_named(schema, one.text);
            else
                add_named(schema, type->text);
        } else if (schema.find("properties")) {
            types.insert("jsonb");
        } else if (schema.find("items")) {
            types.insert("jsonb");
        }
        for (const char *branches : {"anyOf", "oneOf", "allOf"})
            if (const tree *list = schema.find(branches))
                for (const tree &branch : list->elements)
                    add(branch);
    }

private:
    void add_named(const tree &schema, const std::string &name) {
        if (name == "null")
            return;
        if (name == "object" || name == "array")
            types.insert("jsonb");
        else if (name == "integer")
            types.insert(exceeds_bigint(schema) ? "numeric" : "bigint");
        else if (name == "number")
            types.insert("numeric");
        else if (name == "boolean")
            types.insert("boolean");
        else
            types.insert(name == "string" ? type_of_text(schema) : "text");
    }

    static std::string type_of_text(const tree &schema) {
        const tree *format = schema.find("format");
        const std::string name = format ? format->text : "";
        return name == "date-time"                ? "timestamp with time zone"
               : name == "time"                   ? "time without time zone"
               : name == "date" || name == "uuid" ? name
                                                  : "text";
    }

    static bool exceeds_bigint(const tree &schema) {
        for (const char *bound : {"maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"})
            if (const tree *said = schema.find(bound); said && said->is(tree::kinds::number)) {
                const long double value = std::strtold(std::string(said->raw).c_str(), nullptr);
                if (value > 9223372036854775807.0L || value < -9223372036854775808.0L)
                    return true;
            }
        return false;
    }
};

/// What a header calls a key, where none is without a text.
std::string name_of(const std::string &key) { return text::is_blank(key) ? "\"" + key + "\"" : key; }

void add_properties(const tree &schema, const std::string &prefix, std::size_t flatten, std::vector<property> &to,
                    std::set<std::string> &known) {
    const tree *properties = schema.find("properties");
    if (!properties)
        return;
    for (const auto &[key, any] : properties->members) {
        const tree &said = *properties->find(key); // of several of one key the last one
        const std::string name = prefix + name_of(key);
        const tree *inner = said.find("properties");
        if (flatten > 0 && inner && !inner->members.empty() && sql_type(said) == "jsonb") {
            add_properties(said, name + "__", flatten - 1, to, known);
            continue;
        }
        if (known.insert(name).second)
            to.push_back({name, sql_type(said)});
    }
}

} // namespace

std::string sql_type(const json::tree &schema) {
    allowed found;
    found.add(schema);
    std::string type;
    for (const std::string &one : found.types)
        type = type.empty() ? one : widened(type, one);
    return type.empty() ? "text" : type;
}

std::string widened(const std::string &one, const std::string &other) {
    if (one == other)
        return one;
    if (one == "jsonb" || other == "jsonb")
        return "jsonb";
    const auto is_number = [](const std::string &type) { return type == "bigint" || type == "numeric"; };
    return is_number(one) && is_number(other) ? "numeric" : "text";
}

std::vector<property> properties_of(const json::tree &schema, std::size_t flatten) {
    std::vector<property> out;
    std::set<std::string> known;
    add_properties(schema, "", flatten, out, known);
    return out;
}

} // namespace barometre::singer
