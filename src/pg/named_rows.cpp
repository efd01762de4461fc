#include "pg/named_rows.h"

#include <cstdio>

namespace barometre::pg {

named_rows::named_rows(const std::string &name, const std::vector<ItemPointerData> &rows)
    : name_(name), exceptions_(std::uncaught_exceptions()) {
    const char *text = name_.c_str();
    const ItemPointerData *first = rows.data();
    const std::size_t count = rows.size();
    call([&] {
        TupleDesc shape = CreateTemplateTupleDesc(1);
        TupleDescInitEntry(shape, 1, "id", TIDOID, -1, 0);
        rows_ = tuplestore_begin_heap(false, false, work_mem);
        for (std::size_t i = 0; i < count; ++i) {
            Datum value = PointerGetDatum(&first[i]);
            bool null = false;
            tuplestore_putvalues(rows_, shape, &value, &null);
            if (i % 65536 == 0)
                CHECK_FOR_INTERRUPTS();
        }
        relation_.md.name = pstrdup(text);
        relation_.md.reliddesc = InvalidOid;
        relation_.md.tupdesc = shape;
        relation_.md.enrtype = ENR_NAMED_TUPLESTORE;
        relation_.md.enrtuples = static_cast<double>(count);
        relation_.reldata = rows_;
        int code = SPI_register_relation(&relation_);
        if (code != SPI_OK_REL_REGISTER)
            elog(ERROR, "SPI_register_relation failed: %s", SPI_result_code_string(code));
    });
}

named_rows::~named_rows() {
    SPI_unregister_relation(name_.c_str()); // raises nothing, and the connection may outlive an error
    if (std::uncaught_exceptions() == exceptions_)
        tuplestore_end(rows_); // else the transaction's abort does it
}

std::vector<ItemPointerData> row_places(const result &found, std::size_t column) {
    std::vector<ItemPointerData> out;
    for (std::size_t i = 0; i < found.rows.size(); ++i) {
        unsigned block = 0, offset = 0;
        std::sscanf(found.text(i, column).c_str(), "(%u,%u)", &block, &offset);
        ItemPointerData place;
        ItemPointerSet(&place, block, static_cast<OffsetNumber>(offset));
        out.push_back(place);
    }
    return out;
}

} // namespace barometre::pg
