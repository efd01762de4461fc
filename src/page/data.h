#pragma once

#include "page/page.h"

namespace barometre::page {

/// What a page is made of.
struct parts {
    std::string title; ///< the project's name
    std::string state; ///< what is read without a script, as HTML
    std::string data;  ///< JSON
};
parts make(const subject &of, const request &what);

} // namespace barometre::page
