#include "core/jinja/evaluate.h"
#include "core/python/text.h"
#include "core/sql/quote.h"
#include "core/text/text.h"

#include <algorithm>

/// What dbt's adapter tells a template: which macro fits this database, and what is in it.
namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// A column of a relation, as dbt's Column has it.
struct column_object : opaque {
    relation_column column;
    std::string type; ///< without what is in brackets
    explicit column_object(relation_column c)
        : opaque("<Column " + c.name + " (" + c.type + ")>"), column(std::move(c)) {
        const std::size_t open = column.type.find('('), close = column.type.find(')');
        type = column.type.substr(0, open);
        if (open != std::string::npos && close != std::string::npos && close + 1 < column.type.size())
            type += column.type.substr(close + 1); // timestamp(3) with time zone
    }

    bool is_data() const override { return true; }

    bool attribute(const std::string &of, value &out) const override {
        if (of == "name" || of == "column")
            out = column.name;
        else if (of == "quoted")
            out = sql::quote_name(column.name);
        else if (of == "dtype")
            out = type;
        else if (of == "data_type")
            out = column.type;
        else if (of == "char_size")
            out = is_text() ? in_brackets(0) : value();
        else if (of == "numeric_precision" || of == "numeric_scale")
            out = type == "numeric" ? in_brackets(of == "numeric_scale") : value();
        else
            return false;
        return true;
    }

    bool method(const std::string &of, value &out) const override {
        const auto among = [&](std::initializer_list<const char *> types) {
            return std::find(types.begin(), types.end(), type) != types.end();
        };
        const bool whole = among({"smallint", "integer", "bigint"}), real = among({"real", "double precision"});
        if (of == "is_string")
            out = is_text();
        else if (of == "is_numeric")
            out = type == "numeric";
        else if (of == "is_integer")
            out = whole;
        else if (of == "is_float")
            out = real;
        else if (of == "is_number")
            out = whole || real || type == "numeric";
        else if (of == "string_size")
            out = is_text() && !in_brackets(0).is(value_kind::none) ? in_brackets(0) : value(256); // dbt's default
        else
            return false;
        return true;
    }

private:
    bool is_text() const { return type == "text" || type == "character varying" || type == "character"; }
    /// A number between the brackets of the type; none: there is no such one.
    value in_brackets(int which) const {
        std::size_t at = column.type.find('(');
        if (at != std::string::npos && which)
            at = column.type.find(',', at);
        if (at == std::string::npos)
            return {};
        return static_cast<std::int64_t>(std::strtoll(column.type.c_str() + at + 1, nullptr, 10));
    }
};

/// none, or a text.
std::string text_or_nothing(parameters &p, std::size_t place, const char *keyword) {
    const value *given = p.get(place, keyword);
    return !given || defined(*given).is(value_kind::none) ? "" : printed(*given);
}

/// A relation by its parts; those that are empty are left out of its text.
relation named(const std::string &database, const std::string &schema, const std::string &identifier) {
    relation out;
    out.database = database;
    out.schema = schema;
    out.identifier = identifier;
    for (const std::string &part : {schema, identifier})
        if (!part.empty())
            text::append(out.text, sql::quote_name(part), ".");
    return out;
}

const relation &relation_in(parameters &p, const char *keyword) {
    const value &given = defined(p.required(0, keyword));
    if (!given.is(value_kind::relation))
        throw complaint{"\"" + p.function() + "\" takes a relation, not " + given.type_name(),
                        "Use ref(), source() or this."};
    return given.table();
}

} // namespace

value evaluator::dispatch(parameters &p) {
    const std::string name = p.text(0, "macro_name"), package = text_or_nothing(p, 1, "macro_namespace");
    const value *packages = p.get(2, "packages"); // of dbt before 0.20, in the place of the namespace
    p.finish();
    std::vector<std::string> where, looked;
    if (calls_.macros)
        where = calls_.macros->search_order(package);
    if (packages && defined(*packages).is_sequence())
        for (const value &one : packages->items())
            where.push_back(printed(one));
    if (package.empty()) // as the macro that asks sees them
        where.insert(where.end(), {this->package(), dbt_package});
    const auto *found = calls_.macros ? calls_.macros->dispatched(name, where, looked) : nullptr;
    if (!found)
        throw complaint{"no macro named \"" + name + "\" for this database was found",
                        looked.empty() ? "" : "Looked for were " + text::join(looked, ", ") + "."};
    return std::shared_ptr<const opaque>(std::make_shared<macro_object>(found->of, found->package));
}

value evaluator::call_adapter(const std::string &name, parameters &p) {
    if (name == "dispatch")
        return dispatch(p);
    if (name == "quote") {
        const std::string identifier = printed(p.required(0, "identifier"), meter_);
        p.finish();
        return sql::quote_name(identifier);
    }
    if (name == "type") {
        p.finish();
        return "postgres";
    }
    if (name == "get_columns_in_relation") {
        const relation &of = relation_in(p, "relation");
        p.finish();
        if (!calls_.columns)
            throw complaint{"\"" + name + "\" is not available here", "It is for the SQL of models and tests."};
        calls_.asked_execute = true;
        list out;
        for (relation_column &c : calls_.columns(of)) {
            meter_.bytes(sizeof(column_object) + 2 * (c.name.size() + c.type.size()));
            out.emplace_back(std::shared_ptr<const opaque>(std::make_shared<column_object>(std::move(c))));
        }
        return out;
    }
    if (name == "get_relation") {
        text_or_nothing(p, 0, "database");
        const std::string schema = text_or_nothing(p, 1, "schema"), identifier = text_or_nothing(p, 2, "identifier");
        p.finish();
        if (!calls_.find_relation)
            throw complaint{"\"" + name + "\" is not available here", "It is for the SQL of models and tests."};
        calls_.asked_execute = true;
        const auto found = calls_.find_relation(schema, identifier);
        return found ? value(*found) : value();
    }
    calls_.met_refusal = true;
    throw complaint{"\"adapter." + name + "\" is not available in templates",
                    "Known are dispatch, quote, type, get_relation and get_columns_in_relation: " +
                        std::string(no_sql_in_templates)};
}

value evaluator::call_api(const std::string &name, parameters &p) {
    if (name != "create")
        throw complaint{"\"api.Relation." + name + "\" is not available in templates", "Known is create."};
    const std::string database = text_or_nothing(p, 0, "database"), schema = text_or_nothing(p, 1, "schema"),
                      identifier = text_or_nothing(p, 2, "identifier");
    p.get(3, "type"); // what it is said to be is seen when it is read
    p.finish();
    return named(database, schema, identifier);
}

/// Names of types, as dbt-postgres has them.
value evaluator::call_column_api(const std::string &name, parameters &p) {
    if (name == "translate_type") {
        const std::string given = p.text(0, "dtype"), upper = python::upper(given);
        p.finish();
        return upper == "STRING" ? value("TEXT") : upper == "INTEGER" ? value("INT") : value(given);
    }
    if (name == "string_type") {
        const std::int64_t size = p.integer(0, "size", 256);
        p.finish();
        return "character varying(" + std::to_string(size) + ")";
    }
    if (name == "numeric_type") {
        const std::string type = p.text(0, "dtype");
        const std::int64_t precision = p.integer(1, "precision", 0), scale = p.integer(2, "scale", 0);
        p.finish();
        return precision == 0 ? value(type)
                              : value(type + "(" + std::to_string(precision) + "," + std::to_string(scale) + ")");
    }
    if (name == "create") {
        relation_column made{p.text(0, "name"), p.text(1, "label_or_dtype")};
        p.finish();
        return std::shared_ptr<const opaque>(std::make_shared<column_object>(std::move(made)));
    }
    throw complaint{"\"api.Column." + name + "\" is not available in templates",
                    "Known are translate_type, string_type, numeric_type and create."};
}

value relation_method(const relation &of, const std::string &name, parameters &p) {
    if (name == "include") { // which parts its text has
        const bool schema = p.flag(1, "schema", true), identifier = p.flag(2, "identifier", true);
        p.flag(0, "database", true); // it is this one, and its name is never written
        relation out = named(of.database, schema ? of.schema : "", identifier ? of.identifier : "");
        if (schema && identifier)
            out.text = of.text;
        out.schema = of.schema;
        out.identifier = of.identifier;
        return out;
    }
    if (name == "information_schema") { // a view of it, by which SQL can ask
        relation out("information_schema." + python::lower(text_or_nothing(p, 0, "view_name")));
        out.database = of.database;
        return out;
    }
    if (name == "without_identifier")
        return named(of.database, of.schema, "");
    if (name == "quote") { // names are quoted as needed
        for (const char *part : {"database", "schema", "identifier"})
            p.flag(SIZE_MAX / 2, part, true);
        return of;
    }
    return of.text; // render
}

} // namespace barometre::jinja
