#pragma once

namespace barometre::pg {

/// Has the abort of whatever made tables in this session on the disk before their files are gone. A server that crashes
/// between the two finds unlogged tables half there, and does not start at once.
void watch_aborts();

} // namespace barometre::pg
