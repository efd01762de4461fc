#pragma once

#include "core/error.h"
#include "tap/choose.h"
#include "tap/discover.h"

namespace barometre::tap {

/// Files that are to be parsed and can't be: of foreign content, damaged, or with a bad header. All of a call are named
/// at once. One alone has its own error.
class unfit_files : public error {
public:
    unfit_files() : error(sqlstate::bad_file, "") {}

    /// That this is wrong with that file; `e` is thrown on if it is no fault of the file's.
    void add(const project::stream &stream, const pg::data_file &file, const error &e);
    /// Opens files as a load would, to see what is wrong with them.
    void look_at(const project::stream &stream, const std::vector<const file_plan *> &plans, std::size_t from);
    /// Those of another stream of the call, which was not loaded yet. What else is wrong with it is not told.
    void look_at(const project::stream &stream);
    void look_at(const chosen &streams); ///< the same of some of a tap
    bool empty() const { return faults_.empty(); }

private:
    struct fault {
        std::string stream, file;
        error what;
    };
    void word(); ///< the error says all that was found

    std::vector<fault> faults_;
};

} // namespace barometre::tap
