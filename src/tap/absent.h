#pragma once

#include "tap/twins.h"

/// delete_absent: the newest file of a stream, the one that is loaded last, is the whole truth.
namespace barometre::tap {

/// Lets a load that reads any file of such a stream read its newest one too, from its beginning.
void read_newest(const project::stream &stream, const purpose &why, discovered &out);

/// Whether the rows of the stream's table are to be those of a file that this load reads.
bool reads_truth(const project::stream &stream, const discovered &found, const twins &same);

/// What the newest file of a load lacks.
class absence {
public:
    /// `table`: where the records are, with `ids` as _baro_file of those files; `same`: what is known of them by their
    /// content. Looks for the keys of rejected records: they count as present.
    absence(const project::stream &stream, const purpose &why, const discovered &found, const staged &read,
            const twins &same, const std::vector<std::int64_t> &ids, const load::reject_log &rejects);

    /// Takes the records out of the table whose key it lacks: they are of older files. Gives how many.
    std::int64_t take_out();
    /// Deletes the rows of the stream's table whose key it lacks; of a full refresh those that no record has. Gives how
    /// many. Throws contract when they are more than may go, or when something refers to them.
    std::int64_t delete_rows() const;
    void drop() const; ///< what it made

private:
    bool knows_all() const { return elsewhere_.empty() && unreadable_ == 0; }
    void find_rejected(std::int64_t rows);

    const project::stream &stream_;
    const purpose &why_;
    const discovered &found_;
    const staged &read_;
    std::string newest_;    ///< _baro_file of the newest file
    std::string elsewhere_; ///< the path of a newer one that was loaded and is not read; empty: there is none
    std::string rejected_;  ///< the table with the keys of the newest file, where records of it were rejected; or empty
    std::int64_t unreadable_ = 0; ///< records of it whose key is not known
};

} // namespace barometre::tap
