#pragma once

#include "core/json/dialect.h"
#include "load/file_format.h"

namespace barometre::load {

/// How JSON files are read: lines, or whole documents.
class json_format : public file_format {
public:
    json::dialect dialect{};

    std::shared_ptr<const file_format> settle(const pg::data_file &file) const override;
    std::unique_ptr<record_input> open(const input_file &input) const override;
    const bytes::coding &coding() const override { return dialect.coding; }
    bool lists_fields() const override { return false; }
    bool says_types() const override { return true; }
    bool has_tails() const override { return dialect.lines && is_utf8(); }
    std::size_t least_size(std::size_t) const override { return 2; } ///< 1, of an object that is unpivoted
    void add_to(text::parts &parts) const override;
    std::string advice() const override;
    std::string record_hint() const override;
};

} // namespace barometre::load
