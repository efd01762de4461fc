#pragma once

#include "pg/guard.h"

namespace barometre::pg {

/// Places of rows that statements of the current spi connection can read as a table of this name, with the one column
/// "id" of type tid, for as long as it lives.
class named_rows {
public:
    named_rows(const std::string &name, const std::vector<ItemPointerData> &rows);
    ~named_rows();
    named_rows(const named_rows &) = delete;
    named_rows &operator=(const named_rows &) = delete;

private:
    const std::string name_;
    int exceptions_;
    Tuplestorestate *rows_ = nullptr;
    EphemeralNamedRelationData relation_{};
};

} // namespace barometre::pg
