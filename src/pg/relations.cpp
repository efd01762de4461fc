#include "pg/relations.h"
#include "core/text/text.h"
#include "pg/guard.h"
#include "pg/identity.h"
#include "pg/spi.h"

#include <algorithm>
#include <map>

namespace barometre::pg {

char relation_kind(const std::string &schema, const std::string &name) {
    auto found =
        sql("SELECT c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = $1 AND c.relname = $2",
            {schema, name});
    return found.empty() ? 0 : found.text(0, 0).at(0);
}

namespace {

struct kind_words {
    char kind;
    const char *name, *sql;
};
constexpr kind_words kinds[] = {{'v', "view", "VIEW"},         {'m', "materialized view", "MATERIALIZED VIEW"},
                                {'S', "sequence", "SEQUENCE"}, {'f', "foreign table", "FOREIGN TABLE"},
                                {'i', "index", "INDEX"},       {'I', "index", "INDEX"},
                                {'c', "type", "TYPE"},         {'p', "partitioned table", "TABLE"}};

const kind_words &words_of(char kind) {
    static constexpr kind_words table{'r', "table", "TABLE"};
    const auto *found = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto &k) { return k.kind == kind; });
    return found == std::end(kinds) ? table : *found;
}

} // namespace

const char *kind_name(char kind) { return words_of(kind).name; }

const char *sql_kind(char kind) { return words_of(kind).sql; }

bool relation_exists(const std::string &schema, const std::string &name) { return relation_kind(schema, name) != 0; }

namespace {

std::vector<table_column> find_columns(const std::string &schema, const std::string &name,
                                       const std::string &collation) {
    auto found =
        sql("SELECT a.attname, a.atttypid, a.atttypmod, " + collation +
                " AS collation, a.attgenerated::text || a.attidentity::text AS made FROM pg_catalog.pg_attribute a "
                "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            {schema, name});
    std::vector<table_column> columns;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const std::string type =
            type_name(static_cast<oid>(found.number(i, 1)), static_cast<std::int32_t>(found.number(i, 2)));
        columns.push_back({found.text(i, 0), type + found.text(i, 3), found.text(i, 4).c_str()[0]});
    }
    return columns;
}

} // namespace

std::vector<table_column> columns_of(const std::string &schema, const std::string &name) {
    return find_columns(schema, name, "''");
}

std::vector<std::vector<table_column>> columns_of_each(const std::vector<std::string> &schemas,
                                                       const std::vector<std::string> &names) {
    const auto found =
        sql("SELECT w.n, a.attname, a.atttypid, a.atttypmod, a.attgenerated::text || a.attidentity::text AS made FROM "
            "unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, n) JOIN pg_catalog.pg_namespace n ON "
            "n.nspname = w.schema JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name JOIN "
            "pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY w.n, "
            "a.attnum",
            {array_literal(schemas), array_literal(names)});
    std::vector<std::vector<table_column>> out(names.size());
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> types;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        const std::pair key(found.number(i, 2), found.number(i, 3));
        std::string &type = types[key];
        if (type.empty())
            type = type_name(static_cast<oid>(key.first), static_cast<std::int32_t>(key.second));
        out.at(static_cast<std::size_t>(found.number(i, 0) - 1))
            .push_back({found.text(i, 1), type, found.text(i, 4).c_str()[0]});
    }
    return out;
}

std::vector<table_column> collated_columns_of(const std::string &schema, const std::string &name) {
    return find_columns(
        schema, name,
        "coalesce((SELECT pg_catalog.format(' COLLATE %I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_type t, "
        "pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
        "WHERE t.oid = a.atttypid AND co.oid = a.attcollation AND a.attcollation <> t.typcollation), '')");
}

oid oid_of(const std::string &relation) {
    // What names its schema needs no path.
    const char *text = relation.c_str();
    const Oid found = call([&]() -> Oid {
        List *names = textToQualifiedNameList(cstring_to_text(text));
        return list_length(names) == 2 ? RangeVarGetRelid(makeRangeVarFromNameList(names), NoLock, false) : InvalidOid;
    });
    if (found != no_oid)
        return found;
    return static_cast<oid>(std::stoul(sql("SELECT $1::regclass::oid", {relation}).text(0, 0)));
}

std::string name_of(oid relation) {
    auto found = sql("SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c "
                     "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                     {std::to_string(relation)});
    return found.empty() ? std::to_string(relation) : found.text(0, 0);
}

bool schema_exists(const std::string &schema) {
    return !sql("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {schema}).empty();
}

void ensure_schema(const std::string &schema) {
    if (schema_exists(schema))
        return;
    try {
        script("CREATE SCHEMA " + quote_identifier(schema));
    } catch (error &e) {
        if (e.sqlstate == "42501" && e.hint.empty())
            e.hint = "As a superuser: SELECT * FROM baro_grant(); or GRANT CREATE ON DATABASE to role \"" +
                     role_name(current_role()) + "\".";
        throw;
    }
}

std::string canonical_type(const std::string &type, const std::string &where) {
    const char *text = type.c_str();
    try {
        return call([&] {
            Oid oid;
            int32 typmod;
            compat::parse_type(text, &oid, &typmod);
            return format_type_with_typemod(oid, typmod);
        });
    } catch (const error &e) {
        throw error(sqlstate::contract, where + ": \"" + type + "\" is not a type",
                    text::sentence("The server says: " + e.message),
                    "Use the name of a type that this database knows, for example text, bigint, numeric or date.");
    }
}

std::string type_name(oid type, std::int32_t modifier) {
    return call([&] { return format_type_with_typemod(type, modifier); });
}

std::string routine_name(oid routine) {
    return call([&] { return format_procedure(routine); });
}

oid type_oid(const std::string &type) {
    const char *text = type.c_str();
    return call([&] {
        Oid oid;
        int32 modifier;
        compat::parse_type(text, &oid, &modifier);
        return oid;
    });
}

std::string literal_type(const std::string &type) {
    const Oid oid = type_oid(type);
    return type_name(call([&] { return getBaseType(oid); }));
}

bool has_equality(const std::string &type) {
    const Oid oid = type_oid(type);
    return call([&] { return OidIsValid(lookup_type_cache(oid, TYPECACHE_EQ_OPR)->eq_opr); });
}

sql::comparison comparison_of(const std::string &type) {
    const Oid oid = type_oid(type);
    struct {
        Oid equals, exceeds, as;
        char *equals_name, *equals_schema, *exceeds_name, *exceeds_schema, *as_name;
    } found{};
    call([&] {
        const TypeCacheEntry *known = lookup_type_cache(oid, TYPECACHE_EQ_OPR | TYPECACHE_GT_OPR);
        if (!OidIsValid(known->eq_opr))
            return;
        auto name = [](Oid sign, char *&schema) {
            HeapTuple tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(sign));
            if (!HeapTupleIsValid(tuple))
                elog(ERROR, "cache lookup failed for operator %u", sign);
            const auto *row = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
            schema = row->oprnamespace == PG_CATALOG_NAMESPACE ? nullptr : get_namespace_name(row->oprnamespace);
            char *out = pstrdup(NameStr(row->oprname));
            ReleaseSysCache(tuple);
            return out;
        };
        found.equals = known->eq_opr;
        found.equals_name = name(known->eq_opr, found.equals_schema);
        if (OidIsValid(known->gt_opr)) {
            found.exceeds = known->gt_opr;
            found.exceeds_name = name(known->gt_opr, found.exceeds_schema);
        }
        // In a schema of others there may be an operator that fits the type better: of a domain, for example.
        Oid left, right;
        op_input_types(known->eq_opr, &left, &right);
        if (found.equals_schema && !IsPolymorphicType(left))
            found.as_name = format_type_extended(left, -1, FORMAT_TYPE_FORCE_QUALIFY);
    });
    if (!OidIsValid(found.equals))
        return sql::comparison::by_text();
    auto shown = [](const char *name, const char *schema) {
        return std::string("OPERATOR(") + (schema ? quote_identifier(schema) : "pg_catalog") + "." + name + ")";
    };
    return {found.as_name ? found.as_name : "", shown(found.equals_name, found.equals_schema),
            OidIsValid(found.exceeds) ? shown(found.exceeds_name, found.exceeds_schema) : ""};
}

std::string column_list(const std::vector<std::string> &names, const std::string &prefix) {
    std::string out;
    for (const std::string &name : names)
        out += (out.empty() ? "" : ", ") + prefix + quote_identifier(name);
    return out;
}

} // namespace barometre::pg
