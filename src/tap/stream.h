#pragma once

#include "core/project/project.h"
#include "load/file_format.h"

namespace barometre::load {
class singer_format;
}

namespace barometre::tap {

/// The name, in barometre.file, of what stands for all streams of a tap whose files they share.
inline constexpr char all_streams[] = "*";
project::stream all_of(const project::tap &tap); ///< the same, as a stream

std::string name_of(const project::stream &stream);  ///< tap.name
std::string shown(const project::stream &stream);    ///< stream "tap.name", for messages
std::string table_of(const project::stream &stream); ///< its table, as SQL names it

/// Several streams in the FROM of a statement, s with tap, stream and n from 1, of its first two parameters.
inline constexpr char each_stream[] = "unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (tap, stream, n)";
std::vector<std::optional<std::string>> names_as_arrays(const std::vector<const project::stream *> &streams);

/// Whether the map hashes or drops fields: then no value of a record is shown, whatever it is taken for.
bool hides_values(const project::stream &stream);

std::shared_ptr<const load::file_format> format_of(const project::stream &stream);

load::singer_format singer_format_of(const project::stream &stream); ///< of one whose files have that format

/// The columns that the map hashes, as a list.
std::string hashed_columns(const project::stream &stream);

} // namespace barometre::tap
