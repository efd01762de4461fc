#pragma once

#include "core/error.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct XXH3_state_s;

/// What a file's bytes are, whatever its records are.
namespace barometre::bytes {

/// XXH3-128 of a file's bytes, in its canonical (big-endian) form.
using content_hash = std::array<unsigned char, 16>;

/// How far a file has been read. Outlives the source, which LineReader owns.
struct read_progress {
    read_progress();
    read_progress(const read_progress &other);
    ~read_progress();
    read_progress &operator=(const read_progress &) = delete;
    content_hash digest() const;          ///< of the bytes so far
    content_hash unpacked_digest() const; ///< of what they are decompressed; of a plain file the same
    void add_unpacked(const char *bytes, std::size_t size);

    XXH3_state_s *hash, *unpacked = nullptr; ///< unpacked: of a compressed file
    std::uint64_t bytes = 0;
    std::optional<bool> cr_ends; ///< the first line ends in a CR alone; nothing: it was not read yet
    std::string failure;         ///< why reading ended before the end, as a clause; empty: it did not
    std::string remedy;          ///< what to do then, as a sentence without its end
};

/// A file could not be read to its end. Who knows its name says it (pg::reading): here nobody does.
struct unreadable : error {
    unreadable(const std::string &clause, const std::string &remedy)
        : error(sqlstate::bad_file, "could not read: " + clause, "", remedy + "."), clause(clause), remedy(remedy) {}

    std::string clause, remedy;
};

/// The first bytes of a file that has been read before: where the reading of the
/// rest begins.
struct prefix {
    std::uint64_t bytes = 0, lines = 0;
    std::uint64_t line_feeds = 0; ///< a CR alone ends a line as well, though not in each format
    content_hash hash{};
    bool whole_lines = false; ///< it ends in a newline, so that the rest can be read alone
    std::shared_ptr<read_progress> progress;
};

inline constexpr char disk_remedy[] = "Look at the disk";

/// Reads the first `bytes` bytes of a file. Throws bad_file.
prefix read_prefix(int descriptor, std::uint64_t bytes);

/// The hash of a whole file, read from its beginning. Throws bad_file.
content_hash hash_file(int descriptor);

std::string to_hex(const content_hash &hash);

} // namespace barometre::bytes
