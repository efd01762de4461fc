#pragma once

#include <optional>
#include <string>
#include <vector>

/// What the fields of a file are called, by what its header says and never by their places.
namespace barometre::name {

/// A field of an earlier header. Hashes, because what it says may be hidden; empty: not known.
struct known_field {
    std::string name{};  ///< that it was given; empty: hidden
    std::string text;    ///< hash of what the header says
    std::string derived; ///< hash of the name that is made from that; if that is all that is known, its name's
    std::string header;  ///< of a field without text: hash of the header, under which alone it is found again
    bool counts = true;  ///< false: nothing of it is kept
};

/// A field whose name is not simply made from its text.
struct renamed_field {
    std::size_t position; ///< from 1
    std::string name;
    std::string why; ///< a clause: "its name is empty", "the name \"xmin\" is reserved"
};

/// A field that may be one of several.
struct doubtful_field {
    std::size_t position;            ///< from 1
    std::vector<std::string> others; ///< names of known fields, of which it may be one or none
};

/// What a field's name is made from: the cell of a header (column_name()), or a key as it is (key_name()).
enum class rule { cell, key };

inline constexpr std::size_t is_new = static_cast<std::size_t>(-1);

struct named_header {
    std::vector<std::string> names;     ///< unique, 1 to 63 bytes each
    std::vector<known_field> fields;    ///< the same, as they may be remembered
    std::vector<std::size_t> known;     ///< which of the known fields each is, or is_new
    std::vector<renamed_field> renamed; ///< of the new ones
    std::optional<doubtful_field> doubt;
};

/// A field is a known one when it has its very text, else when it has its derived name, and no other field of the file
/// nor another known one has it. A new one has its derived name, or if another field has that, or none may, the name
/// and a short hash of the text. A field without text is called by its place, which only its header keeps. `header`:
/// the cells as they are. A known field of which only `name` is known has that as its derived name, unless 0.1.0 made
/// it from a place, which is a doubt.
named_header name_fields(const std::vector<std::string> &header, const std::vector<known_field> &known = {},
                         const std::vector<std::string> &reserved = {}, rule how = rule::cell);

} // namespace barometre::name
