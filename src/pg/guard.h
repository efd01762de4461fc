#pragma once

#include "core/error.h"
#include "pg/pg.h"

#include <csetjmp>
#include <thread>
#include <type_traits>

/// The border between C++ and the server. Inside barometre errors are C++
/// exceptions; an ereport of the server becomes one in pg::call(), and an
/// exception becomes an ereport in pg::entry(). Nothing else crosses.
///
/// For pg/ alone. The other rooms call the functions of pg/ whose headers name nothing of the server's.
namespace barometre::pg {

/// The server knows of one thread only: the one that loaded the library.
extern const std::thread::id backend_thread;

namespace detail {

/// Puts the server's error state back as it was, on every way out of call().
class error_state {
public:
    error_state() : stack_(PG_exception_stack), callbacks_(error_context_stack), memory_(CurrentMemoryContext) {}
    ~error_state() { restore(); }
    error_state(const error_state &) = delete;
    error_state &operator=(const error_state &) = delete;
    void restore() {
        PG_exception_stack = stack_;
        error_context_stack = callbacks_;
    }
    MemoryContext memory() const { return memory_; }

private:
    sigjmp_buf *stack_;
    ErrorContextCallback *callbacks_;
    MemoryContext memory_;
};

[[noreturn]] void throw_wrong_thread();

/// Takes the server's current error as an exception and clears it.
[[noreturn]] void throw_server_error(MemoryContext memory);

/// What ereport needs of an exception, in memory of the server: it outlives the
/// exception object, which is gone when ereport jumps.
struct raised {
    int sqlstate = 0;
    const char *message = nullptr, *detail = nullptr, *hint = nullptr, *context = nullptr;
    const char *schema = nullptr, *table = nullptr, *column = nullptr, *datatype = nullptr, *constraint = nullptr;
    const char *query = nullptr;
    int query_position = 0;
};
raised keep(const error &e) noexcept;
raised keep_current_exception() noexcept; ///< call it in a catch block
[[noreturn]] void raise(const raised &r);

} // namespace detail

/// Runs `f`, which calls the server, and turns an ereport(ERROR) into a
/// barometre::error; in another thread than the backend's it is not run, and that is the error. `f` may be jumped out
/// of: it must create no object with a destructor (make c_str()s and the like before), and must not throw.
template <class F> auto call(F &&f) -> std::invoke_result_t<F> {
    if (std::this_thread::get_id() != backend_thread) [[unlikely]]
        detail::throw_wrong_thread();
    detail::error_state state;
    sigjmp_buf here;
    if (sigsetjmp(here, 0) == 0) {
        PG_exception_stack = &here;
        return f();
    }
    state.restore();
    detail::throw_server_error(state.memory());
}

/// The body of every SQL-callable function: turns whatever `f` throws into an
/// ereport(ERROR), once no C++ object is alive any more.
template <class F> Datum entry(F &&f) {
    detail::raised r;
    try {
        return f();
    } catch (...) {
        r = detail::keep_current_exception();
    }
    detail::raise(r);
}

} // namespace barometre::pg
