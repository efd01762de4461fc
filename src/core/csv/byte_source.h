#pragma once

#include "core/csv/content.h"
#include "core/csv/line_reader.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace barometre::csv {

// Marks in what the line reader gets. None of these bytes occurs in valid UTF-8.
inline constexpr char carriage_return_mark = '\xFE'; ///< stands before a CR LF, of which LineReader drops the CR
inline constexpr char nul_mark = '\xFF';             ///< stands for a NUL, which would end a C string
inline constexpr char invalid_mark = '\xFD';         ///< stands for a byte of the file that is one of the marks

/// The bytes of a file for io::LineReader: marked as above, always ending in a
/// newline, and filled to the last byte of every request but the last, as
/// LineReader needs. Hashes and counts the file's own bytes. A failing read is
/// kept in `failure` and ends the data: LineReader is not made for exceptions.
/// With `most`, the data end after the last line that is whole within so many bytes.
class byte_source : public io::ByteSourceBase {
public:
    byte_source(int descriptor, std::shared_ptr<read_progress> seen, std::size_t most = 0);
    ~byte_source() override;
    int read(char *buffer, int size) override; ///< with `most`: of its first call, which must ask for more

private:
    std::size_t read_file(char *to, std::size_t most);
    int descriptor_;
    std::shared_ptr<read_progress> seen_;
    int fill(char *buffer, int size);
    std::vector<char> raw_;
    std::size_t most_;
    std::size_t begin_ = 0, end_ = 0;
    bool at_end_ = false, cr_waits_ = false;
    char last_ = '\n';
};

} // namespace barometre::csv
