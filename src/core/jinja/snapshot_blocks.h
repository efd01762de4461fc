#pragma once

#include <string>
#include <vector>

namespace barometre::jinja {

/// A block {% snapshot name %}...{% endsnapshot %}.
struct snapshot_block {
    std::string name;
    int line = 0;       ///< of its first tag, from 1
    std::string source; ///< what is inside, led by white space so that lines and columns are those of the file
};

/// The blocks of a file of snapshots, in order. Throws project_invalid with file, line and column for mistakes in the
/// templates, and for what stands outside the blocks.
std::vector<snapshot_block> snapshot_blocks(const std::string &source, const std::string &file);

/// Whether `text` is a single call of ref() or source(), as the YAML form of a snapshot names what it reads.
bool is_reference(const std::string &text);

} // namespace barometre::jinja
