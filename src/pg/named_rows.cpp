#include "pg/named_rows.h"
#include "pg/guard.h"

#include <cstdio>

namespace barometre::pg {

static_assert(sizeof(row_place) == sizeof(ItemPointerData) &&
              offsetof(row_place, item) == offsetof(ItemPointerData, ip_posid) &&
              offsetof(row_place, block_low) == offsetof(ItemPointerData, ip_blkid.bi_lo));

struct named_rows::state {
    Tuplestorestate *rows = nullptr;
    EphemeralNamedRelationData relation{};
};

named_rows::named_rows(const std::string &name, const std::vector<row_place> &rows)
    : name_(name), exceptions_(std::uncaught_exceptions()), s_(std::make_unique<state>()) {
    state &s = *s_;
    const char *text = name_.c_str();
    const row_place *first = rows.data();
    const std::size_t count = rows.size();
    call([&] {
        TupleDesc shape = CreateTemplateTupleDesc(1);
        TupleDescInitEntry(shape, 1, "id", TIDOID, -1, 0);
        s.rows = tuplestore_begin_heap(false, false, work_mem);
        for (std::size_t i = 0; i < count; ++i) {
            Datum value = PointerGetDatum(&first[i]);
            bool null = false;
            tuplestore_putvalues(s.rows, shape, &value, &null);
            if (i % 65536 == 0)
                CHECK_FOR_INTERRUPTS();
        }
        s.relation.md.name = pstrdup(text);
        s.relation.md.reliddesc = InvalidOid;
        s.relation.md.tupdesc = shape;
        s.relation.md.enrtype = ENR_NAMED_TUPLESTORE;
        s.relation.md.enrtuples = static_cast<double>(count);
        s.relation.reldata = s.rows;
        int code = SPI_register_relation(&s.relation);
        if (code != SPI_OK_REL_REGISTER)
            elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
    });
}

named_rows::~named_rows() {
    SPI_unregister_relation(name_.c_str()); // raises nothing, and the connection may outlive an error
    if (std::uncaught_exceptions() == exceptions_)
        tuplestore_end(s_->rows); // else the transaction's abort does it
}

std::vector<row_place> row_places(const result &found, std::size_t column) {
    std::vector<row_place> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        unsigned block = 0, offset = 0;
        std::sscanf(found.text(i, column).c_str(), "(%u,%u)", &block, &offset);
        out.push_back({static_cast<std::uint16_t>(block >> 16), static_cast<std::uint16_t>(block),
                       static_cast<std::uint16_t>(offset)});
    }
    return out;
}

} // namespace barometre::pg
