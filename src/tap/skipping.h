#pragma once

#include "core/project/project.h"
#include "load/rejects.h"
#include "run/record.h"
#include "tap/purpose.h"

#include <functional>
#include <map>
#include <set>

namespace barometre::tap {

/// Thrown by a load that may go without them: files that can't be loaded.
struct bad_files : error {
    explicit bad_files(std::vector<load::bad_file> all) : error(all.front().why), all(std::move(all)) {}
    std::vector<load::bad_file> all;
};

/// Notes that this is wrong with a file; `e` is thrown on where it is no fault of the file's.
void note_bad_file(std::vector<load::bad_file> &to, const std::string &file, const error &e);

/// What a load does without, so that the rest can be loaded: files, by their names, and why.
class skipping {
public:
    bool empty() const { return files_.empty(); }
    const error *why(const std::string &file) const; ///< nothing: it is not left out
    /// So many rejects an attempt waits for, before it gives up.
    std::int64_t patience() const { return patience_; }

    void leave_out(const bad_files &those); ///< after an attempt that failed; throws it on if it tells nothing new
    /// Of files that are left out, as barometre.reject takes them.
    void keep_rejects(const std::string &json) { rejects_.push_back(json); }
    const std::vector<std::string> &rejects() const { return rejects_; }
    /// A failed step for each file that the last attempt left out.
    void tell(std::vector<run::step> steps) { steps_ = std::move(steps); }
    const std::vector<run::step> &steps() const { return steps_; }

private:
    std::map<std::string, error> files_;
    std::vector<std::string> rejects_;
    std::vector<run::step> steps_;
    std::int64_t patience_ = 1000;
};

/// Does a load of the stream's files, `work`, and where some of them can't be loaded again without them, until the rest
/// is: each time in a subtransaction, with the stream locked all the time. Throws what is no file's fault. Gives a
/// failed step for each file that was left out. `attempt`: what is cheaper, and finds such files too; it is undone.
std::vector<run::step> without_bad_files(const project::stream &stream, const purpose &why, run::record &memory,
                                         const std::function<void(const purpose &)> &work,
                                         const std::function<void(const purpose &)> &attempt = {});

/// An error's HINT where that does not end the run: without its end, which says so.
std::string hint_of_left_out(const error &e);

} // namespace barometre::tap
