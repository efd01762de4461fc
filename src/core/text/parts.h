#pragma once

#include "core/text/hash.h"

#include <string>
#include <string_view>
#include <vector>

namespace barometre::text {

/// Texts that are hashed together, so that none can be taken for two others.
class parts {
public:
    parts &operator<<(std::string_view part) {
        all_ += std::to_string(part.size()) + ":";
        all_ += part;
        return *this;
    }
    parts &operator<<(const std::vector<std::string> &list) {
        *this << std::to_string(list.size());
        for (const std::string &one : list)
            *this << one;
        return *this;
    }
    std::string hash() const { return text::hash(all_); }

private:
    std::string all_;
};

} // namespace barometre::text
