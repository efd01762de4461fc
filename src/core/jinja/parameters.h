#pragma once

#include "core/jinja/value.h"

#include <set>
#include <unordered_map>

namespace barometre::jinja {

/// The arguments of a call, fetched by place or keyword. Mistakes are complaints that name the function.
class parameters {
public:
    parameters(std::string function, list positional, std::vector<std::pair<std::string, value>> named)
        : function_(std::move(function)), positional_(std::move(positional)), named_(std::move(named)) {
        for (std::size_t i = 0; i < named_.size(); ++i)
            where_.emplace(named_[i].first, i);
    }

    /// Null: not given. `place` from 0.
    const value *get(std::size_t place, const char *keyword);
    const value &required(std::size_t place, const char *keyword);
    std::string text(std::size_t place, const char *keyword);
    std::string text(std::size_t place, const char *keyword, const std::string &otherwise);
    std::int64_t integer(std::size_t place, const char *keyword, std::int64_t otherwise);
    bool flag(std::size_t place, const char *keyword, bool otherwise);
    const value *named(const char *keyword);             ///< that has no place
    list rest(std::size_t from);                         ///< all from that place on
    std::vector<std::pair<std::string, value>> others(); ///< those with keywords that nobody fetched
    void finish() const;                                 ///< complains of arguments that nobody fetched

    const std::string &function() const { return function_; }
    const list &positional() const { return positional_; }
    const std::vector<std::pair<std::string, value>> &named() const { return named_; }

    const value *find(const std::string &keyword) const; ///< null: not given; it isn't fetched by that

private:
    std::string function_;
    list positional_;
    std::vector<std::pair<std::string, value>> named_;
    std::unordered_map<std::string, std::size_t> where_; ///< each is in named_
    std::size_t places_ = 0;                             ///< that were asked for
    std::set<std::string> keywords_;
};

} // namespace barometre::jinja
