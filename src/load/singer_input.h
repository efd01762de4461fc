#pragma once

#include "core/singer/record_reader.h"
#include "load/input_file.h"
#include "load/record_input.h"
#include "load/singer_format.h"

namespace barometre::load {

/// One stream of a file of Singer messages that is being read. Its fields are those of its SCHEMA messages, which were
/// read before.
class singer_input : public record_input {
public:
    singer_input(const input_file &input, const singer_format &format);

    std::vector<std::string> declared_types() const override { return types_; }
    bool next() override;
    const std::vector<record::field> &fields() const override { return reader_->fields(); }
    void look(const see &) override {} // the types are said
    std::int64_t line() const override { return static_cast<std::int64_t>(reader_->line()); }
    pg::reject origin() const override;
    std::uint64_t consumed() const override { return reader_->offset().value_or(0); }
    std::uint64_t bytes() const override { return reader_->bytes(); }
    std::uint64_t blank_lines() const override { return reader_->blank_lines(); }
    bytes::content_hash hash() const override { return reader_->hash(); }
    bytes::content_hash unpacked_hash() const override { return reader_->unpacked_hash(); }

private:
    void add_field(const std::string &name, const std::string &type);

    std::vector<std::string> types_;
    std::unique_ptr<singer::record_reader> reader_;
};

/// Columns of singer_format::parts::mark, beside those of the key.
inline constexpr char version_column[] = "_baro_version", deleted_column[] = "_baro_deleted_at";

} // namespace barometre::load
