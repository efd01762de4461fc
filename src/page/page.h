#pragma once

#include "core/project/job.h"
#include "registry/registry.h"

/// The page: the state, lineage and history of a project's data as one HTML file, and the data that are in it.
namespace barometre::page {

/// What a page is to be.
struct request {
    std::string lang = "en"; ///< or fr
    std::string
        audience{};       ///< the role that may see what it shows; empty: the first observer, else reader, else caller
    bool samples = false; ///< with values, if the audience and the caller may see them
};

/// What a page is about: the project as it was read, or what is remembered of it and why it could not be.
struct subject {
    std::optional<registry::loaded_project> project; ///< nothing: none was ever read
    std::optional<error> wrong;                      ///< why it can't be read now
};
/// Throws when the caller does not have the privileges of the project's owner.
subject find_subject();

/// The data of the page as JSON, of one snapshot. Throws 22023 for another language, and 42704 for a role that is not
/// there.
std::string data(const subject &of, const request &what);

/// The page.
std::string html(const subject &of, const request &what);

/// Makes a job's page and puts it in the place of its last one, below barometre.page_directory, as a run of its own.
/// Throws not_configured where the setting is empty, and bad_file for what can't be written.
void write(pg::spi &connection, const subject &of, const project::job_page &what);

} // namespace barometre::page
