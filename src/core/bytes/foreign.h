#pragma once

#include "core/bytes/decoder.h"

namespace barometre::bytes {

/// What a file is whose first bytes, before any decompression, show that it is no CSV text in `encoding`: a noun
/// phrase for messages. Empty: nothing speaks against it.
std::string foreign_content(std::string_view first_bytes, compression packed, const std::string &encoding);

/// The encoding that a byte order mark at the beginning of a text says: utf-16le, utf-16be, utf-32le or utf-32be; else
/// empty.
std::string marked_encoding(std::string_view first_bytes);

/// The same of the encoding alone: text, decompressed, that is surely not in it but in a wide one, or the other way
/// round.
std::string other_encoding(std::string_view first_bytes, const std::string &encoding);

} // namespace barometre::bytes
