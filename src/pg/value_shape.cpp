#include "pg/value_shape.h"
#include "core/interrupts.h"
#include "pg/guard.h"

namespace barometre::pg {

namespace {

std::optional<value::kind> kind_of(Oid type) {
    switch (type) {
    case INT2OID:
        return value::kind::smallint;
    case INT4OID:
        return value::kind::integer;
    case INT8OID:
        return value::kind::bigint;
    case NUMERICOID:
        return value::kind::numeric;
    case FLOAT4OID:
        return value::kind::float4;
    case FLOAT8OID:
        return value::kind::float8;
    case BOOLOID:
        return value::kind::boolean;
    case DATEOID:
        return value::kind::date;
    case TIMESTAMPOID:
        return value::kind::timestamp;
    case TIMESTAMPTZOID:
        return value::kind::timestamptz;
    case TIMEOID:
        return value::kind::time;
    case TIMETZOID:
        return value::kind::timetz;
    case UUIDOID:
        return value::kind::uuid;
    default:
        return std::nullopt;
    }
}

/// The types whose values those of a type hold, in the server's memory.
struct inner_types {
    value::shape::form form = value::shape::form::plain;
    char delimiter = ',';
    int count = 0;
    Oid *types = nullptr;
};

/// Inside call().
inner_types inner_types_of(Oid type) {
    using form = value::shape::form;
    inner_types out;
    const auto one = [&](form is, Oid inner) {
        out.form = is;
        out.count = 1;
        out.types = static_cast<Oid *>(palloc(sizeof(Oid)));
        out.types[0] = inner;
    };
    const char kind = get_typtype(type);
    if (Oid element = get_element_type(type); OidIsValid(element)) {
        one(form::array, element);
        int16 length;
        bool by_value;
        char alignment;
        Oid parameter, function;
        get_type_io_data(element, IOFunc_input, &length, &by_value, &alignment, &out.delimiter, &parameter, &function);
    } else if (kind == TYPTYPE_RANGE) {
        one(form::range, get_range_subtype(type));
    } else if (kind == TYPTYPE_MULTIRANGE) {
        one(form::multirange, get_multirange_range(type));
    } else if (kind == TYPTYPE_COMPOSITE) {
        TupleDesc row = lookup_rowtype_tupdesc_copy(type, -1);
        out.form = form::row;
        out.types = static_cast<Oid *>(palloc(sizeof(Oid) * static_cast<Size>(row->natts + 1)));
        for (int i = 0; i < row->natts; ++i)
            if (!TupleDescAttr(row, i)->attisdropped)
                out.types[out.count++] = TupleDescAttr(row, i)->atttypid;
    }
    return out;
}

// Types are made from ones that were there before, so this ends; but each may hold the last one twice.
value::shape bounded_shape_of(oid type, int &left) {
    check_interrupts();
    value::shape out;
    const Oid base = call([&] { return getBaseType(type); });
    if ((out.type = kind_of(base)) || --left < 0) // of what is left out, faults are not told
        return out;
    const inner_types inner = call([&] {
        check_stack_depth();
        return inner_types_of(base);
    });
    out.is = inner.form;
    out.delimiter = inner.delimiter;
    for (int i = 0; i < inner.count; ++i)
        out.parts.push_back(bounded_shape_of(inner.types[i], left));
    return out;
}

} // namespace

value::shape shape_of(oid type) {
    int left = 10'000;
    return bounded_shape_of(type, left);
}

} // namespace barometre::pg
