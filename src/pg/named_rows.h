#pragma once

#include "pg/row_place.h"
#include "pg/spi.h"

#include <memory>
#include <string>
#include <vector>

namespace barometre::pg {

/// Places of rows that statements of the current spi connection can read as a table of this name, with the one column
/// "id" of type tid, for as long as it lives.
class named_rows {
public:
    named_rows(const std::string &name, const std::vector<row_place> &rows);
    ~named_rows();
    named_rows(const named_rows &) = delete;
    named_rows &operator=(const named_rows &) = delete;

private:
    const std::string name_;
    int exceptions_;
    struct state;
    std::unique_ptr<state> s_;
};

/// The places in a column of type tid of what a statement gave.
std::vector<row_place> row_places(const result &found, std::size_t column);

} // namespace barometre::pg
