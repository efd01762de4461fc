#pragma once

#include "page/page.h"

namespace barometre::page {

/// Whom a page is for.
struct audience {
    pg::oid role;
    bool sees_values; ///< with samples: it may read barometre.run, and so may who asks
};

/// The role that the request names, or that the project says. Throws 42704 if it is not there.
audience find_audience(const subject &of, const request &what);

} // namespace barometre::page
