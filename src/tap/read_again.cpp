#include "tap/read_again.h"

namespace barometre::tap {

void read_again_from(std::vector<file_plan> &files, std::size_t first) {
    for (std::size_t i = first; i < files.size(); ++i) {
        files[i].action = file_action::parse;
        files[i].prefix.reset();
        files[i].records = 0;
    }
}

} // namespace barometre::tap
