#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the benchmarks read: made here, the same at each run.
namespace samples {

/// A file in memory.
class file {
public:
    explicit file(std::string_view bytes);
    ~file();
    file(const file &) = delete;
    file &operator=(const file &) = delete;
    int descriptor() const { return descriptor_; }
    void rewind() const;

private:
    int descriptor_;
};

/// Records of a kind, with semicolons between the fields. `eight`: bigint, three texts, two timestamps, bigint,
/// numeric. `quoted`: the same, each field in quotes. `text`: long quoted text with accents and newlines. `nulls`: the
/// first, 40 % of its fields empty. `numbers`: 60 integers of one to three digits.
enum class kind { eight, quoted, text, nulls, numbers };
std::string records(kind which, std::size_t size = std::size_t{16} << 20); ///< about so many bytes

std::string gzipped(std::string_view text);
std::string zstandard(std::string_view text);
std::string transcoded(std::string_view utf8, const char *encoding); ///< text that the encoding has

} // namespace samples
