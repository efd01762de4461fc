#pragma once

/// Named points of the code where tests of races make a session wait, so that what another one does meanwhile happens
/// just then.
namespace barometre::pg {

namespace detail {
extern bool points_are_on;
void wait_at_point(const char *name);
} // namespace detail

/// Waits while another session holds pg_advisory_lock(hashtextextended('barometre point NAME', 0)), if the setting
/// barometre.points is on, which only a superuser can set. It is off: then this is the look at a variable. So what is
/// tested is the library that people have.
inline void point(const char *name) {
    if (detail::points_are_on) [[unlikely]]
        detail::wait_at_point(name);
}

} // namespace barometre::pg
