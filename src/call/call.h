#pragma once

#include "pg/distribution.h"
#include "pg/identity.h"
#include "pg/spi.h"
#include "registry/registry.h"
#include "run/record.h"

/// What a call is: it runs as the project's owner, in which transactions, and what is remembered of it.
namespace barometre::call {

/// In which transactions a call is made.
class transactions {
public:
    /// In the current one: the run is kept whether that commits or not.
    static transactions current() { return transactions(nullptr); }
    /// In ones of its own: the run's row is committed first, and what went wrong is kept though the work is rolled
    /// back. `connection` must allow for commits.
    static transactions own(pg::spi &connection) { return transactions(&connection); }

    bool are_own() const { return connection_; }
    pg::spi &connection() const { return *connection_; } ///< of own ones

private:
    explicit transactions(pg::spi *connection) : connection_(connection) {}
    pg::spi *connection_;
};

/// What is remembered of a call, and how its work is to be done.
struct title {
    std::string kind, name;    ///< of its run
    bool one_snapshot = false; ///< it sees one state of the database, if it has transactions of its own
    std::string undone = "rolled back, because the run failed"; ///< of steps that were done before another one failed
};

/// Runs `work` as the project's owner, with pinned settings, and gives what it gives.
template <class Work> auto as_owner(const registry::loaded_project &loaded, Work &&work) {
    pg::identity owner(loaded.owner, true);
    const project::project &p = loaded.definition;
    pg::pinned_settings settings(registry::search_path(p), p.timezone, value::date_style(p.date_order));
    pg::tell_nodes_settings();
    return work();
}

namespace detail {
void make(transactions how, const registry::loaded_project &loaded, const title &what,
          const std::function<void(run::record &)> &work);
}

/// Makes a call: `work(run::record &)`, as the owner, with a run that is remembered. Gives what it gives.
template <class Work>
auto make(transactions how, const registry::loaded_project &loaded, const title &what, Work &&work) {
    if constexpr (std::is_void_v<std::invoke_result_t<Work, run::record &>>) {
        detail::make(how, loaded, what, work);
    } else {
        std::optional<std::invoke_result_t<Work, run::record &>> out;
        detail::make(how, loaded, what, [&](run::record &memory) { out.emplace(work(memory)); });
        return std::move(*out);
    }
}

/// What a failure is to be called: a cancel by the job's clock looks like one by a user, and what is forbidden to the
/// project's SQL needs a hint.
error named(const error &e);

} // namespace barometre::call
