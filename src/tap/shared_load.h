#pragma once

#include "load/singer_format.h"
#include "tap/load_stream.h"
#include "tap/shared_ledger.h"

#include <set>

namespace barometre::tap {

/// One stream's part of a load of files that several share.
struct stream_part {
    project::stream stream; ///< with the key that its SCHEMA says
    std::string name;       ///< as the messages have it
    discovered found;       ///< of the files those that hold it, or held it when they were read before
    std::optional<std::int64_t> active_version; ///< to be obeyed now
    bool lacks_files = false;                   ///< some that come before the file which says so are left out
};

/// A load of a tap whose files hold records of all its streams: the files are listed once, in the order of their names,
/// looked through, and written into the ledger with what they hold; then each stream is loaded. All of it in the
/// current transaction and as the current role. A file that is no good stops all: nothing is loaded.
class shared_load {
public:
    shared_load(const project::tap &tap, const purpose &why);

    const std::vector<stream_part> &parts() const { return parts_; }
    /// Loads one of the parts, as load_stream() does.
    run::step load(const stream_part &part, run::record &memory) const;
    /// The same, by carry_out()'s values.
    void carry_out(const stream_part &part, load::reject_log &rejects, stream_load &done) const;

private:
    std::set<std::string> due_files();
    void read_files();
    void take_over_renamed();
    void find_streams();
    void add_part(const project::stream &stream, const std::string &name);
    bool lacks_file_before(const std::string &name) const;
    std::vector<std::string> key_of(const stream_part &part) const;
    void find_types(const stream_part &part, load::singer_format &format) const;
    void check_select(const stream_part &part, const load::singer_format &format) const;
    void record();
    std::string table_of_stream(const std::string &name) const;

    const project::tap &tap_;
    const purpose &why_;
    project::stream all_;                      ///< stands for all streams of the tap
    discovered found_;                         ///< of all its files
    std::map<std::string, held_streams> held_; ///< of the ledger, by path
    std::set<std::string> rereads_;            ///< tables of streams whose files were read otherwise
    std::shared_ptr<load::singer_contents> contents_ = std::make_shared<load::singer_contents>();
    std::vector<stream_part> parts_;
};

} // namespace barometre::tap
