#pragma once

#include "core/singer/content.h"
#include "load/file_format.h"

#include <map>

namespace barometre::load {

/// What files of Singer messages hold, by their names: each is looked through once, for all its streams.
using singer_contents = std::map<std::string, std::shared_ptr<const singer::content>>;

/// How one stream is read of files of Singer messages.
class singer_format : public file_format {
public:
    /// What is read of each record.
    enum class parts {
        row,  ///< the fields of its SCHEMA
        mark, ///< its key, its _sdc_deleted_at, and the version of its table
    };

    std::string stream; ///< as the messages have it
    std::shared_ptr<const singer_contents> contents = std::make_shared<singer_contents>();
    std::vector<std::string> select;          ///< names of properties; empty: all
    std::vector<std::string> key;             ///< of `mark`
    std::map<std::string, std::string> types; ///< of properties, where not their SCHEMA alone says them
    std::size_t flatten = 0;
    bool blank_is_null = false, add_metadata_columns = false, hard_delete = false;
    std::uint64_t most = 0; ///< bytes that a file may have, decompressed
    parts part = parts::row;

    std::shared_ptr<const file_format> settle(const pg::data_file &file) const override;
    std::unique_ptr<record_input> open(const input_file &input) const override;
    const bytes::coding &coding() const override { return held_->coding; }
    bool lists_fields() const override { return false; }
    bool says_types() const override { return true; }
    bool has_tails() const override { return false; } ///< the order of messages has meaning
    name::rule names() const override { return name::rule::key; }
    std::size_t least_size(std::size_t) const override { return 20; }
    void add_to(text::parts &parts) const override;
    std::string advice() const override { return "the key \"columns\" of the stream"; }
    std::string record_hint() const override;

    /// What a file holds, whichever stream is read of it. `reads`: those whose records are read later on.
    std::shared_ptr<const singer::content>
    content_of(const pg::data_file &file, const std::function<bool(const std::string &stream)> &reads) const;
    /// The fields that are read of a file, and their SQL types.
    std::vector<singer::property> fields_of(const singer::content &held) const;

private:
    friend class singer_input;
    std::shared_ptr<const singer::content> held_ = std::make_shared<singer::content>(); ///< of the settled file
};

} // namespace barometre::load
