#pragma once

#include "core/error.h"
#include "core/name/header.h"
#include "core/record/field.h"
#include "load/file_format.h"
#include "pg/reject.h"

#include <functional>

namespace barometre::load {

/// One file that is being read, whatever its format: its records, in order. Records that can't be read are handed to
/// `on_bad` and passed over.
class record_input {
public:
    using see = std::function<void(const std::vector<record::field> &)>;

    virtual ~record_input() = default;
    record_input(const record_input &) = delete;
    record_input &operator=(const record_input &) = delete;

    /// What its fields are called: by its header, by field_names, or by the records so far, of which some are looked at
    /// beforehand; empty: there are none. It may grow while records are read, at its end.
    const std::vector<std::string> &header() const { return header_; }
    virtual bool has_whole_header() const { return true; }                          ///< it will not
    void call_fields(std::vector<std::string> names) { names_ = std::move(names); } ///< as rejects name them
    std::function<void(pg::reject)> on_bad;

    /// Of its fields, in the records so far, where values say their types; else empty.
    virtual std::vector<record::found_type> types() const { return {}; }

    /// Of its fields, the SQL types that the file declares; empty: it declares none.
    virtual std::vector<std::string> declared_types() const { return {}; }

    virtual bool next() = 0;
    virtual const std::vector<record::field> &fields() const = 0; ///< of the current record, as many as header() has
    virtual bool has_margins() const { return false; }            ///< those fields do (record::field), and say no types
    /// Shows records whose values have the types of those in the file; of a long one perhaps not of all. The last that
    /// is done here.
    virtual void look(const see &show) = 0;

    virtual std::int64_t line() const = 0;      ///< where the current record begins, or the last bad one
    virtual pg::reject origin() const = 0;      ///< what is known of it
    virtual std::uint64_t consumed() const = 0; ///< bytes of the file before it; 0: not known
    // At the end, of the whole file:
    virtual std::uint64_t bytes() const = 0;
    virtual std::uint64_t blank_lines() const = 0; ///< that were passed over
    virtual bytes::content_hash hash() const = 0;
    virtual bytes::content_hash unpacked_hash() const = 0;

    const pg::data_file &file() const { return file_; } ///< open
    bool is_unchanged() const;                          ///< still what was listed, as far as its inode says
    void check_unchanged() const;                       ///< at its end; throws bad_file

protected:
    static constexpr std::int64_t first_records = 2000; ///< of each file, in which types, and fields, are sought first

    record_input(const pg::data_file &file, const file_format &format)
        : file_(pg::open_file(file)), hides_values_(format.hides_values) {}
    /// What is shown of a record, which is `raw` in the file.
    std::optional<std::string> shown(const std::string &raw) const;
    /// As rejects name the field of that number, from 1; 0: none.
    std::string name_of(std::size_t field) const;

    pg::data_file file_; ///< open
    const bool hides_values_;
    std::vector<std::string> header_, names_;
};

/// The reason of a reject whose record may go on after the file's end.
inline constexpr char never_closed[] = "a quoted field is never closed";

/// What the fields of a file are called; `known`: those of earlier files.
name::named_header name_fields(const std::vector<std::string> &header, const std::vector<name::known_field> &known = {},
                               name::rule how = name::rule::cell);
/// The names that 0.1.0 gave them.
std::vector<std::string> names_by_place(const std::vector<std::string> &header);
/// Sentences for NOTICEs: of the fields whose names are not simply made from what the header says.
std::vector<std::string> renamings(const file_format &format, const pg::data_file &file,
                                   const name::named_header &named);

error changed_while_read(const pg::data_file &file);

} // namespace barometre::load
