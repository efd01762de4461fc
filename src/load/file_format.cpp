#include "load/file_format.h"
#include "core/bytes/encoding.h"
#include "core/bytes/foreign.h"
#include "core/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace barometre::load {

namespace {

/// The first bytes, and the same of the text when they are decompressed.
std::pair<std::string, std::string> first_bytes(int opened, const bytes::coding &how) {
    std::string first(4096, '\0');
    const ssize_t got = ::pread(opened, first.data(), first.size(), 0);
    if (got < 0)
        throw bytes::unreadable(std::strerror(errno), bytes::disk_remedy);
    first.resize(static_cast<std::size_t>(got));
    if (how.packed == bytes::compression::none)
        return {first, first};
    bytes::decoder in(opened, {"utf-8", how.packed, how.most}, std::make_shared<bytes::read_progress>());
    std::string text(first.size() + 4096, '\0');
    std::size_t size = 0;
    while (const std::size_t n = text.size() - size < 8 ? 0 : in.read(text.data() + size, text.size() - size))
        size += n;
    text.resize(size);
    return {first, text};
}

void refuse_foreign(const pg::data_file &file, const std::string &foreign, const char *format) {
    if (foreign.empty())
        return;
    const std::string hint = foreign.starts_with("UTF-32")   ? "Name its encoding in barometre.yml:  encoding: utf-32"
                             : foreign.starts_with("UTF-")   ? "Name its encoding in barometre.yml:  encoding: utf-16"
                             : foreign.starts_with("no UTF") ? "Correct the key \"encoding\" in barometre.yml"
                             : foreign.starts_with("gzip")   ? "If it is compressed its name must end in .gz"
                             : foreign.starts_with("zstd")   ? "If it is compressed its name must end in .zst"
                                                           : "Remove it, or correct the key \"pattern\" of the stream";
    const std::string what = foreign.starts_with("no")
                                 ? "is " + foreign
                                 : std::string("is no ") + format + " file: it looks like " + foreign;
    throw error(sqlstate::bad_file, "file \"" + file.name + "\" " + what, "", hint + "; nothing of this run was kept.");
}

} // namespace

std::string file_format::encoding_hint() const {
    return "Save the file as UTF-8, or name its encoding in barometre.yml, for example  encoding: [utf-8, "
           "windows-1252]; ";
}

bool file_format::is_utf8() const { return encodings.size() == 1 && bytes::is_utf8_name(encodings[0]); }

std::vector<std::string> file_format::folded_encodings() const {
    std::vector<std::string> folded;
    for (const std::string &name : encodings)
        folded.push_back(bytes::folded_name(name));
    return folded;
}

file_format::beginning file_format::look_at(const pg::data_file &opened, const bytes::coding &declared,
                                            const char *name, bool by_mark) const {
    bytes::coding how = declared;
    how.packed = bytes::compression_of(opened.name);
    const int descriptor = pg::descriptor_of(opened);
    const auto [first, text] = first_bytes(descriptor, how);
    const std::string marked = by_mark ? bytes::marked_encoding(text) : "";
    for (const std::string &encoding :
         marked.empty() ? encodings : std::vector{marked}) { // the last one is taken for what none fits
        how.encoding = encoding;
        if (!marked.empty() || encoding == encodings.back() ||
            (bytes::other_encoding(text, encoding).empty() && bytes::is_valid_in(descriptor, how)))
            break;
    }
    refuse_foreign(opened, bytes::foreign_content(first, how.packed, how.encoding), name);
    if (how.packed != bytes::compression::none)
        refuse_foreign(opened, bytes::foreign_content(text, bytes::compression::none, how.encoding), name);
    return {how, text};
}

} // namespace barometre::load
