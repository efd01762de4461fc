#include "tap/forgotten.h"
#include "core/bytes/decoder.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace barometre::tap {

namespace {

/// A file whose content is compared with several that were forgotten: it is read once for each of its two hashes.
class compared_file {
public:
    compared_file(const project::stream &stream, const pg::data_file &file) : stream_(stream), file_(file) {}

    bool is(const ledger_entry &old) {
        if (old.path == file_.name && is_untouched(old, file_.state))
            return true;
        if (old.records == 0) // of which no row would come
            return false;
        const bool is_packed =
            packed() != bytes::compression::none || bytes::compression_of(old.path) != bytes::compression::none;
        if (file_.state.size == old.state.size && hash(whole_, bytes::compression::none) == old.hash)
            return true;
        return is_packed && !old.unpacked_hash.empty() && hash(unpacked_, packed()) == old.unpacked_hash;
    }

private:
    bytes::compression packed() const { return bytes::compression_of(file_.name); }

    const std::string &hash(std::string &known, bytes::compression how) {
        if (!known.empty())
            return known;
        const pg::data_file opened = pg::open_file(file_);
        known = pg::reading(file_, [&] {
            return bytes::to_hex(bytes::hash_unpacked(pg::descriptor_of(opened), how, stream_.max_decompressed_size));
        });
        return known;
    }

    const project::stream &stream_;
    const pg::data_file &file_;
    std::string whole_, unpacked_;
};

bool has_content_of(const ledger_entry &one, const ledger_entry &other) {
    return one.hash == other.hash || (!one.unpacked_hash.empty() && one.unpacked_hash == other.unpacked_hash);
}

/// Files of the ledger whose names no file has any more.
std::vector<const ledger_entry *> gone_from(const std::vector<pg::data_file> &listed, const ledger &known) {
    std::set<std::string_view> names;
    for (const pg::data_file &f : listed)
        names.insert(f.name);
    std::vector<const ledger_entry *> out;
    for (const auto &[path, entry] : known.files)
        if (!names.count(path))
            out.push_back(&entry);
    return out;
}

} // namespace

std::vector<seen_file> take_forgotten(const project::stream &stream, const discovered &found,
                                      const std::vector<pg::data_file> &listed, std::vector<pg::data_file> &files) {
    std::vector<seen_file> out;
    if (found.known.forgotten.empty())
        return out;
    std::vector<const ledger_entry *> gone = gone_from(listed, found.known);
    std::erase_if(files, [&](const pg::data_file &file) {
        const auto known = found.known.files.find(file.name);
        if (known != found.known.files.end() && is_untouched(known->second, file.state))
            return false;
        compared_file compared(stream, file);
        const auto old = std::find_if(found.known.forgotten.begin(), found.known.forgotten.end(),
                                      [&](const ledger_entry &entry) { return compared.is(entry); });
        if (old == found.known.forgotten.end())
            return false;
        // A file that was loaded beside the forgotten one, and has its content, stays what it is, also when it is
        // renamed.
        if (known != found.known.files.end() && has_content_of(known->second, *old))
            return false;
        const auto twin =
            std::find_if(gone.begin(), gone.end(), [&](const ledger_entry *e) { return has_content_of(*e, *old); });
        if (twin != gone.end() && file.name != old->path) {
            gone.erase(twin);
            return false;
        }
        out.push_back({old->id, file, old->path});
        return true;
    });
    return out;
}

void record_forgotten(const project::stream &stream, const discovered &found) {
    std::vector<seen_file> seen;
    for (const seen_file &f : found.others.forgotten)
        for (const ledger_entry &old : found.known.forgotten)
            if (old.id == f.id && f.old_path == f.file.name && !is_untouched(old, f.file.state))
                seen.push_back({f.id, f.file});
    record_touched(stream, seen, found.listed_us);
}

} // namespace barometre::tap
