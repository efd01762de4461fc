#include "core/singer/schema.h"
#include "core/json/key_tree.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
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

bool is_number(const std::string &type) { return type == "bigint" || type == "numeric"; }

void add_properties(const tree &schema, const std::string &prefix, std::size_t flatten, std::vector<property> &to,
                    std::set<std::string> &known) {
    const tree *properties = schema.find("properties");
    if (!properties)
        return;
    for (const auto &[key, any] : properties->members) {
        const tree &said = *properties->find(key); // of several of one key the last one
        const std::string name = prefix + json::key_tree::name_of(key);
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
    return is_number(one) && is_number(other) ? "numeric" : "text";
}

std::string continued(const std::string &first, const std::string &later) {
    return is_number(first) && is_number(later) ? widened(first, later) : first;
}

std::optional<std::string> whole_number(std::string_view number) {
    constexpr std::int64_t most_digits = 1000;
    const std::size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
    std::int64_t exponent = 0;
    if (exponent_at < number.size()) {
        std::string_view text = number.substr(exponent_at + 1);
        text.remove_prefix(text.starts_with('+') ? 1 : 0);
        const char *const end = text.data() + text.size();
        const auto [at, fault] = std::from_chars(text.data(), end, exponent);
        if (at != end || fault != std::errc() || exponent > most_digits || exponent < -most_digits)
            return std::nullopt;
    }
    std::string_view mantissa = number.substr(0, exponent_at);
    std::string out(mantissa.starts_with('-') ? "-" : "");
    mantissa.remove_prefix(out.size());
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    std::string digits(mantissa.substr(0, point));
    if (point < mantissa.size())
        digits += mantissa.substr(point + 1);
    const std::int64_t whole = static_cast<std::int64_t>(point) + exponent; // digits before the point
    if (whole > most_digits)
        return std::nullopt;
    const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(0, whole));
    if (digits.find_first_not_of('0', std::min(kept, digits.size())) != std::string::npos)
        return std::nullopt;
    digits.resize(kept, '0');
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    return digits.empty() ? "0" : out + digits;
}

std::vector<property> properties_of(const json::tree &schema, std::size_t flatten) {
    std::vector<property> out;
    std::set<std::string> known;
    add_properties(schema, "", flatten, out, known);
    return out;
}

} // namespace barometre::singer
