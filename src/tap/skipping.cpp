#include "tap/skipping.h"
#include "pg/identity.h"
#include "pg/locks.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "tap/stream.h"

namespace barometre::tap {

namespace {

/// How many more rejects each attempt waits for than the one before it: a load that finds more and more files with too
/// many of them is tried a few times, not once for each.
constexpr std::int64_t growth = 8;

bool has_left_out(const project::stream &stream) {
    return pg::as_extension([&] {
        return pg::
            sql("SELECT EXISTS (SELECT FROM barometre_internal.left_out WHERE tap = $1 AND stream = $2 AND is_there)",
                {stream.tap, stream.name})
                .yes(0, 0);
    });
}

} // namespace

void note_bad_file(std::vector<load::bad_file> &to, const std::string &file, const error &e) {
    const auto is = [&](const char *state) { return e.sqlstate.starts_with(state); };
    if (!is(sqlstate::bad_file) && !is(sqlstate::bad_record) && !is(sqlstate::contract) && !is("22"))
        throw e;
    to.push_back({file, e});
}

const error *skipping::why(const std::string &file) const {
    const auto at = files_.find(file);
    return at == files_.end() ? nullptr : &at->second;
}

void skipping::leave_out(const bad_files &those) {
    bool is_new = false;
    for (const load::bad_file &f : those.all)
        is_new |= files_.emplace(f.name, f.why).second;
    if (!is_new)
        throw error(those);
    patience_ *= growth;
}

std::vector<run::step> without_bad_files(const project::stream &stream, const purpose &why, run::record &memory,
                                         const std::function<void(const purpose &)> &work,
                                         const std::function<void(const purpose &)> &attempt) {
    skipping skips;
    purpose mine = why;
    mine.skips = &skips;
    pg::lock_name("stream", name_of(stream)); // also between two attempts
    if (attempt && has_left_out(stream)) {
        try {
            pg::rolled_back([&] { attempt(mine); });
        } catch (const bad_files &e) {
            skips.leave_out(e);
        } catch (const error &e) { // which is told by the load itself
            if (e.ends_all())
                throw;
        }
    }
    for (bool is_done = false; !is_done;) {
        try {
            skips.tell({});
            pg::in_subtransaction([&] { work(mine); });
            is_done = true;
        } catch (const bad_files &e) {
            skips.leave_out(e);
        }
    }
    for (const std::string &rejects : skips.rejects())
        memory.keep_rejects(rejects);
    return skips.steps();
}

std::string hint_of_left_out(const error &e) {
    std::string hint = e.hint;
    for (const char *end :
         {"; nothing of this run was kept", "Nothing of this run was kept", "nothing of this run was kept"})
        hint.resize(std::min(hint.size(), hint.find(end)));
    while (hint.ends_with(' '))
        hint.pop_back();
    return hint.empty() || hint.ends_with('.') || hint.ends_with(';') ? hint : hint + ".";
}

} // namespace barometre::tap
