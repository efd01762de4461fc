#pragma once

#include <string>

namespace barometre::pg {

/// Defines barometre's settings; once, when the library is loaded.
void define_settings();

std::string share_directory();   ///< where barometre's own files are installed
std::string project_directory(); ///< barometre.project_directory, or the installed default project
std::string target_schema();     ///< barometre.target_schema; may be empty
std::string data_directory();    ///< barometre.data_directory; may be empty
std::string page_directory();    ///< barometre.page_directory; may be empty
bool reloads_by_hand();          ///< barometre.reload = manual
bool wait_on_overlap();          ///< barometre.on_overlap = wait
int threads();                   ///< barometre.threads: how many models are computed at a time
std::string
setting(const char *name); ///< of the server, also one that the role may not see; empty: there is none of that name
std::string keep_runs();   ///< barometre.keep_runs: an interval

/// What other sessions see of this one in pg_stat_activity, as application_name, until the pinned settings end.
/// barometre.progress reads it: of the `of` things that `call` is to do it is at number `at`, `what`.
void show_progress(const std::string &call, std::size_t at, std::size_t of, const std::string &what);
void no_lock_timeout(); ///< until the pinned settings end
void hide_values();     ///< barometre.hide_values, until the pinned settings end

} // namespace barometre::pg
