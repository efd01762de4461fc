#pragma once

#include <string>

namespace barometre::pg {

/// A text of several statements, twice, each time with blanks in the place of what does not belong there, so that lines
/// and columns stay what they are. Either is blank if nothing does.
struct split_script {
    std::string definitions; ///< what makes functions, types, schemas and the like, comments and grants
    std::string others;
};

/// Splits by the server's parser, without looking at any catalog. Throws its syntax error (with query and
/// query_position set), and project_invalid for what begins or ends a transaction.
split_script split_statements(const std::string &sql);

} // namespace barometre::pg
