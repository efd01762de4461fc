#pragma once

#include "core/bytes/content.h"
#include "core/bytes/decoder.h"
#include "core/name/header.h"
#include "core/text/parts.h"
#include "core/value/fault.h"
#include "pg/files.h"

#include <memory>
#include <string>
#include <vector>

namespace barometre::load {

class record_input;
struct input_file;

/// How the files of a stream or a seed are read: a class for each format, and nothing but that class and who makes it
/// knows which one it is.
class file_format {
public:
    std::string what; ///< for messages: stream "tap.name" or seed "name"
    std::vector<std::string> encodings{"utf-8"};
    value::date_order date_order = value::date_order::none; ///< of dates without a format
    bool hides_values = false; ///< no value may be shown, nor a name of the first record, which may hold some

    virtual ~file_format() = default;

    /// How this very file is written: what is to be found is found, and it is made sure that it can be of this format
    /// at all. Throws bad_file.
    virtual std::shared_ptr<const file_format> settle(const pg::data_file &file) const = 0;
    /// The records of an input for which this was settled, from the first one, or after those of its prefix. Throws
    /// bad_file when it does not have the header that the input says.
    virtual std::unique_ptr<record_input> open(const input_file &input) const = 0;

    virtual const bytes::coding &coding() const = 0;
    /// That parts fields; empty: it is to be found, or the format has none.
    virtual std::string delimiter() const { return {}; }
    /// What settle() found of this file that was not declared, as a sentence without its end; empty: nothing.
    virtual std::string found(const pg::data_file &) const { return {}; }
    /// A file says beforehand which fields all its records have; else any record may lack any field.
    virtual bool lists_fields() const = 0;
    /// Values say what they are (record::field::said).
    virtual bool says_types() const = 0;
    /// What follows the lines of a file that were loaded can be read alone.
    virtual bool has_tails() const = 0;
    virtual name::rule names() const { return name::rule::cell; } ///< of its fields
    /// Bytes of a file that records with so many fields have at least.
    virtual std::size_t least_size(std::size_t fields) const = 0;
    /// All that makes records of a file's bytes, but for coding().packed.
    virtual void add_to(text::parts &parts) const = 0;

    /// What the file seems to be instead, should it not be what was expected: delimited by ";", and is read with ",".
    /// Empty: nothing is known.
    virtual std::string seems(const pg::data_file &) const { return {}; }
    /// What to do about that, as the end of a HINT.
    virtual std::string advice() const = 0;
    /// The beginning of a HINT about bytes that are not in the file's encoding, and about records that can't be read.
    virtual std::string encoding_hint() const;
    virtual std::string record_hint() const = 0;

    /// For settle(): the coding of this file, of the encodings the first one that fits, and its first bytes,
    /// decompressed. `name`, of the format, as in CSV: throws bad_file for what is plainly something else. `by_mark`: a
    /// byte order mark of UTF-16 or UTF-32 counts, whatever is declared.
    struct beginning {
        bytes::coding coding;
        std::string text;
    };
    beginning look_at(const pg::data_file &opened, const bytes::coding &declared, const char *name,
                      bool by_mark = false) const;
    std::vector<std::string> folded_encodings() const; ///< for add_to()
    bool is_utf8() const;                              ///< its files are in that alone
};

} // namespace barometre::load
