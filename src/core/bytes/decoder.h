#pragma once

#include "core/bytes/content.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace barometre::bytes {

enum class compression { none, gzip, zstd };

/// Stands for bytes that are no text in the encoding. It occurs in no valid UTF-8.
inline constexpr char invalid_mark = '\xFD';

/// By the ending .gz or .zst, in any letter case.
compression compression_of(std::string_view file_name);

/// How text became the bytes of a file.
struct coding {
    std::string encoding = "utf-8";
    compression packed = compression::none;
    std::uint64_t most = 0; ///< bytes it may have decompressed; 0: any number
};

/// The text of a file as UTF-8: its bytes, decompressed, transcoded. What is in UTF-8 already is not checked.
/// Bytes that are no text in the encoding become invalid_mark. Hashes and counts the file's own bytes, up to
/// its end. Why reading ended early is kept in `failure`: read() does not throw.
class decoder {
public:
    /// Reads on from where `seen` is, whatever else is read by the descriptor meanwhile. Throws bad_file if the
    /// encoding is not known.
    decoder(int descriptor, const coding &how, std::shared_ptr<read_progress> seen);
    ~decoder();
    decoder(const decoder &) = delete;
    decoder &operator=(const decoder &) = delete;

    /// Gives at least one byte; 0 only at the end or after a failure. `most` is 8 or more.
    std::size_t read(char *to, std::size_t most);
    bool is_plain() const; ///< what read() gives are the file's own bytes
    /// Bytes that `text`, which read() gave, has in the decompressed file; nothing if the encoding does not tell.
    std::optional<std::uint64_t> encoded_size(std::string_view text) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The hash of what a file holds, decompressed, read from its beginning. Throws bad_file.
content_hash hash_unpacked(int descriptor, compression packed, std::uint64_t most);

/// Whether the whole file, read from its beginning, can be decompressed and is valid in that encoding. Throws
/// bad_file.
bool is_valid_in(int descriptor, const coding &how);

} // namespace barometre::bytes
