#include "load/staging_table.h"
#include "pg/spi.h"

namespace barometre::load {

void create_staging(const std::string &schema, const std::string &name, const std::vector<planned_column> &plan) {
    std::string columns;
    for (const planned_column &c : plan)
        columns += pg::quote_identifier(c.name) + " " + c.type + ", ";
    pg::project_script("CREATE UNLOGGED TABLE " + pg::qualified(schema, name) + " (" + columns +
                       "_baro_file integer, _baro_line bigint, _baro_seq bigint) USING heap");
}

} // namespace barometre::load
