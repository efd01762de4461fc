#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What libFuzzer (fuzz.sh) feeds with what it makes up, and corpus_test.cpp with what is kept in corpus/. A target
/// returns, or throws: an exception that gets out of it is a fault of what it looks at, as is what the sanitizers find.
namespace barometre::fuzz {

struct target {
    const char *name;
    void (*run)(std::string_view input);
};
std::span<const target> targets();

/// Something is not as it was promised.
struct finding : std::logic_error {
    using std::logic_error::logic_error;
};
inline void require(bool holds, const std::string &what) {
    if (!holds)
        throw finding(what);
}

std::string shown(std::string_view bytes); ///< in one line of ASCII

/// The beginning of an input decides how the rest is read.
class choices {
public:
    explicit choices(std::string_view input) : rest_(input) {}
    std::size_t below(std::size_t n) { return byte() % n; } ///< n: up to 256
    unsigned byte() {
        if (rest_.empty())
            return 0;
        const auto first = static_cast<unsigned char>(rest_[0]);
        rest_.remove_prefix(1);
        return first;
    }
    template <class T> const T &one_of(const std::vector<T> &all) { return all[below(all.size())]; }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

/// A file of these bytes, that lies in memory.
class memory_file {
public:
    explicit memory_file(std::string_view bytes);
    ~memory_file();
    memory_file(const memory_file &) = delete;
    memory_file &operator=(const memory_file &) = delete;
    const int descriptor;
};

// Each in the file of its name.
void csv(std::string_view input);
void look(std::string_view input);
void decoder(std::string_view input);
void project(std::string_view input);
void registered(std::string_view input);
void jinja(std::string_view input);
void cron(std::string_view input);
void selection(std::string_view input);
void value(std::string_view input);
void written(std::string_view input);
void header(std::string_view input);
void json(std::string_view input);
void json_records(std::string_view input);
void singer(std::string_view input);
void words(std::string_view input);

} // namespace barometre::fuzz
