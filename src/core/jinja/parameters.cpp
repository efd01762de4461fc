#include "core/jinja/parameters.h"
#include "core/name/nearest.h"

#include <algorithm>

namespace barometre::jinja {

const value *parameters::get(std::size_t place, const char *keyword) {
    places_ = std::max(places_, place + 1);
    keywords_.insert(keyword);
    const value *found = find(keyword);
    if (place < positional_.size()) {
        if (found)
            throw complaint{"\"" + function_ + "\" gets its argument \"" + keyword + "\" twice", ""};
        return &positional_[place];
    }
    return found;
}

const value *parameters::find(const std::string &keyword) const {
    const auto found = where_.find(keyword);
    return found == where_.end() ? nullptr : &named_[found->second].second;
}

const value &parameters::required(std::size_t place, const char *keyword) {
    const value *given = get(place, keyword);
    if (!given)
        throw complaint{"\"" + function_ + "\" lacks its argument \"" + keyword + "\"", ""};
    return *given;
}

std::string parameters::text(std::size_t place, const char *keyword) {
    const value &given = defined(required(place, keyword));
    if (!given.is(value::kind::string))
        throw complaint{"the argument \"" + std::string(keyword) + "\" of \"" + function_ + "\" must be a text, not " +
                            given.type_name(),
                        ""};
    return given.text();
}

std::string parameters::text(std::size_t place, const char *keyword, const std::string &otherwise) {
    return get(place, keyword) ? text(place, keyword) : otherwise;
}

std::int64_t parameters::integer(std::size_t place, const char *keyword, std::int64_t otherwise) {
    const value *given = get(place, keyword);
    if (!given)
        return otherwise;
    if (!defined(*given).is_whole())
        throw complaint{"the argument \"" + std::string(keyword) + "\" of \"" + function_ +
                            "\" must be an integer, not " + given->type_name(),
                        ""};
    return given->integer();
}

bool parameters::flag(std::size_t place, const char *keyword, bool otherwise) {
    const value *given = get(place, keyword);
    return given ? is_true(*given) : otherwise;
}

const value *parameters::named(const char *keyword) {
    keywords_.insert(keyword);
    return find(keyword);
}

list parameters::rest(std::size_t from) {
    places_ = std::max(places_, positional_.size());
    return from < positional_.size() ? list(positional_.begin() + static_cast<std::ptrdiff_t>(from), positional_.end())
                                     : list();
}

std::vector<std::pair<std::string, value>> parameters::others() {
    std::vector<std::pair<std::string, value>> out;
    for (const auto &one : named_)
        if (keywords_.insert(one.first).second)
            out.push_back(one);
    return out;
}

void parameters::finish() const {
    if (positional_.size() > places_)
        throw complaint{"\"" + function_ + "\" takes " +
                            (places_ == 0   ? "no"
                             : places_ == 1 ? "one"
                                            : "at most " + std::to_string(places_)) +
                            (places_ == 1 ? " argument" : " arguments"),
                        ""};
    for (const auto &[keyword, given] : named_)
        if (!keywords_.count(keyword)) {
            const std::string near = name::nearest(keyword, {keywords_.begin(), keywords_.end()});
            throw complaint{"\"" + function_ + "\" has no argument \"" + keyword + "\"",
                            near.empty() ? "" : "Did you mean \"" + near + "\"?"};
        }
}

} // namespace barometre::jinja
