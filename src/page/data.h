#pragma once

#include "page/page.h"

namespace barometre::page {

/// What a page is made of.
struct parts {
    std::string title; ///< the project's name, as HTML
    std::string state; ///< what is read without a script, as HTML
    std::string data;  ///< JSON
};
/// `brief`: for the shell, which knows how to read SQL that is told by lines (texts.h).
parts make(const subject &of, const request &what, bool brief);

} // namespace barometre::page
