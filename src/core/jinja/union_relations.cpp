#include "core/jinja/evaluate.h"
#include "core/sql/quote.h"
#include "core/text/text.h"

#include <algorithm>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// n of "character varying(n)"; 0: without limit; -1: another type.
long limit_of(const std::string &type) {
    for (const std::string name : {"character varying", "varchar"})
        if (type.starts_with(name))
            return type.size() > name.size() + 1 && type[name.size()] == '('
                       ? std::strtol(type.c_str() + name.size() + 1, nullptr, 10)
                       : 0;
    return -1;
}

std::vector<std::string> names_in(parameters &p, std::size_t place, const char *keyword) {
    std::vector<std::string> out;
    const value *given = p.get(place, keyword);
    if (!given || defined(*given).is(value_kind::none))
        return out;
    if (!given->is_sequence())
        throw complaint{"the argument \"" + std::string(keyword) + "\" of \"union_relations\" must be a list", ""};
    for (const value &one : given->items())
        out.push_back(printed(one));
    return out;
}

} // namespace

/// As dbt_utils 0.8.1: all columns of all relations by name, in the order they are first seen, after a column that
/// tells the relation.
value evaluator::union_relations(parameters &p) {
    const value &given = defined(p.required(0, "relations"));
    const value *overrides = p.get(1, "column_override");
    const std::vector<std::string> included = names_in(p, 2, "include"), excluded = names_in(p, 3, "exclude");
    const value *source_column = p.get(4, "source_column_name"), *where = p.get(5, "where");
    p.finish();
    if (!given.is_sequence() || given.items().empty())
        throw complaint{"\"union_relations\" takes a list of relations",
                        "For example: dbt_utils.union_relations(relations=[ref('a'), ref('b')])."};
    if (!included.empty() && !excluded.empty())
        throw complaint{"\"union_relations\" takes include or exclude, not both", ""};
    if (overrides && !overrides->is(value_kind::none) && !overrides->is(value_kind::dict))
        throw complaint{"the argument \"column_override\" of \"union_relations\" must be a dict", ""};
    if (!calls_.columns)
        throw complaint{"\"union_relations\" is not available here", ""};
    auto among = [](const std::vector<std::string> &names, const std::string &name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<relation_column> all;
    std::vector<std::vector<std::string>> of_each;
    for (const value &one : given.items()) {
        if (!defined(one).is(value_kind::relation))
            throw complaint{std::string("\"union_relations\" takes relations, not ") + one.type_name(),
                            "Use ref() and source()."};
        of_each.emplace_back();
        for (const relation_column &c : calls_.columns(one.table())) {
            if (among(excluded, c.name) || (!included.empty() && !among(included, c.name)))
                continue;
            of_each.back().push_back(c.name);
            auto known =
                std::find_if(all.begin(), all.end(), [&](const relation_column &o) { return o.name == c.name; });
            if (known == all.end())
                all.push_back(c);
            else if (limit_of(known->type) > 0 && (limit_of(c.type) == 0 || limit_of(c.type) > limit_of(known->type)))
                known->type = c.type;
        }
        meter_.steps(of_each.back().size() * all.size());
    }
    const bool tells = !source_column || !source_column->is(value_kind::none);
    const std::string teller = source_column && tells ? printed(*source_column, meter_) : "_dbt_source_relation";
    std::string out;
    for (std::size_t i = 0; i < of_each.size(); ++i) {
        const relation &r = given.items()[i].table();
        std::string full;
        for (const std::string &part : {r.database, r.schema, r.identifier})
            if (!part.empty())
                text::append(full, sql::quote_name(part), ".");
        out += i ? "\nunion all\n(select " : "(select ";
        if (tells)
            out += "cast(" + sql::quote_text(full) + " as varchar) as " + sql::quote_name(teller);
        for (std::size_t k = 0; k < all.size(); ++k) {
            const relation_column &c = all[k];
            const value *other =
                overrides && overrides->is(value_kind::dict) ? overrides->entries().find(c.name) : nullptr;
            out += k || tells ? ", cast(" : "cast(";
            out += (among(of_each[i], c.name) ? sql::quote_name(c.name) : "null") + " as " +
                   (other ? printed(*other, meter_) : c.type) + ") as " + sql::quote_name(c.name);
        }
        out += " from " + r.text;
        if (where && is_true(*where))
            out += " where " + printed(*where, meter_);
        out += ')';
        meter_.bytes(out.size());
    }
    return out;
}

} // namespace barometre::jinja
