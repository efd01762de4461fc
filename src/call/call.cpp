#include "call/call.h"
#include "core/interrupts.h"
#include "pg/cancels.h"
#include "pg/distribution.h"
#include "pg/installed.h"
#include "pg/messages.h"
#include "pg/point.h"
#include "pg/transaction.h"

namespace barometre::call {

error named(const error &e) {
    if (e.sqlstate == "42501" && e.hint.empty() && e.message.find("security-restricted") != std::string::npos) {
        error restricted = e;
        restricted.hint = "Connect as the role that owns the project, and call it again: for other roles its SQL can "
                          "do nothing that would go on as they.";
        return restricted;
    }
    if (e.sqlstate != "57014" || !pg::time_limit::reached())
        return e;
    return error(e.sqlstate, "the timeout of its job was over", "",
                 "If it takes that long with good reason, raise timeout in barometre.yml, and run the job again.");
}

namespace {

/// What went wrong, in a catch block.
error current_failure() {
    try {
        throw;
    } catch (const error &e) {
        return named(e);
    } catch (const std::bad_alloc &) {
        return error("53200", "out of memory in barometre");
    } catch (const std::exception &e) {
        return error(sqlstate::internal, std::string("unexpected C++ exception in barometre: ") + e.what());
    }
}

void make_within(const registry::loaded_project &loaded, const title &what,
                 const std::function<void(run::record &)> &work) {
    run::record memory(what.kind, what.name, loaded.definition);
    try {
        as_owner(loaded, [&] {
            work(memory);
            memory.succeed();
            pg::point("call.done");
        });
    } catch (const std::exception &) {
        const error failure = current_failure();
        memory.fail(failure);
        throw failure;
    }
}

/// Does `work`; gives what went wrong, with a transaction that is fit for more.
template <class Work> std::optional<error> attempt(pg::spi &connection, Work &&work) {
    try {
        work();
        return std::nullopt;
    } catch (const std::exception &) {
        error failure = current_failure();
        connection.rollback();
        return failure;
    }
}

void make_committing(pg::spi &connection, const registry::loaded_project &loaded, const title &what,
                     const std::function<void(run::record &)> &work) {
    std::optional<run::record> memory;
    run::write_and_commit(connection, [&] { memory.emplace(what.kind, what.name, loaded.definition, true); });
    const std::optional<error> failure = attempt(connection, [&] {
        check_interrupts();
        if (what.one_snapshot)
            pg::one_snapshot();
        // The server's state after an error is fit for a rollback only once the subtransaction is undone.
        pg::in_subtransaction([&] {
            as_owner(loaded, [&] {
                work(*memory);
                pg::project_script("SET CONSTRAINTS ALL IMMEDIATE"); // what would be wrong at the commit is wrong here
                memory->succeed();
            });
        });
        pg::point("call.done");
        const pg::held_cancels held;
        connection.commit();
    });
    if (!failure)
        return;
    memory->undo_steps(what.undone);
    run::fail_and_commit(connection, *memory, *failure);
    throw *failure;
}

} // namespace

void detail::make(transactions how, const registry::loaded_project &loaded, const title &what,
                  const std::function<void(run::record &)> &work) {
    if (!how.are_own()) {
        pg::check_version();
        pg::check_coordinator();
        make_within(loaded, what, work);
        return;
    }
    // A step of a job may begin hours after the job did; and where a cancel hits it here, the job goes on.
    pg::in_subtransaction([] {
        pg::check_version();
        pg::check_coordinator();
    });
    make_committing(how.connection(), loaded, what, work);
}

} // namespace barometre::call
