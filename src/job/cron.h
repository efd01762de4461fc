#pragma once

#include "core/project/project.h"
#include "pg/spi.h"

namespace barometre::job {

/// What barometre wants of cron.job for one of its jobs.
struct cron_entry {
    std::string job;
    std::string schedule; ///< five fields, of Greenwich's clock
    std::string command;  ///< one CALL
};

struct cron_change {
    cron_entry entry;
    std::string change; ///< added, changed, removed, unchanged
};

/// What the project wants: an entry for each job that is scheduled.
std::vector<cron_entry> entries(const project::project &p);

/// The only CALL of an entry: the job, with the time at which it fires.
std::string command_of(const std::string &job);

/// Makes the current role's entries for jobs of this database in cron.job exactly these; others are not touched. Throws
/// `not_configured` with what to install, set or grant when pg_cron can't be used; where it lives in another database,
/// DETAIL has the statements for its DBA.
std::vector<cron_change> set_entries(const std::vector<cron_entry> &wanted);

/// Tells by a NOTICE of entries for jobs of other databases, which may be what this one was called before.
void tell_of_other_databases();

/// Notes in barometre_internal.job that these jobs are to run by themselves from now on, if they weren't already, and
/// the others are not: a run that does not come is then told by barometre.missed. False: that was known.
bool expect_runs(const std::vector<cron_entry> &wanted);

/// The same of one job that pg_cron was seen to call: its entry may be one that a DBA made in another database.
void expect_runs_of(const std::string &job);

/// Tells by a NOTICE when pg_cron will connect as a client does, which needs a line in pg_hba.conf.
void tell_how_it_connects();

} // namespace barometre::job
