#include "core/json/record_places.h"
#include "core/interrupts.h"
#include "core/json/parsing.h"
#include "core/text/text.h"

namespace barometre::json {

namespace {

struct path_walk : value_walk {
    const std::vector<step> &steps;
    const bool has_levels;
    const char *begin; ///< of the text

    /// The records at the end of the path, whose steps from `at` on are still to be gone.
    bool find(od::value &v, std::size_t at, const std::string &path, value_records &to, const char *&after) {
        const std::string_view token = token_of(v);
        const bool is_list = at == steps.size() ? !has_levels : steps[at].each;
        if (token == "null" || (at == steps.size() && is_list && token.starts_with('{'))) {
            if (token != "null") {
                to.lists.push_back(path);
                return place(v, token, to, record_place::no_element, nullptr, after);
            }
            after = token.data() + token.size();
            return true;
        }
        if (!token.starts_with(is_list ? '[' : '{'))
            return s.fail(at < steps.size() || !is_list ? std::string("it is no ") + (is_list ? "array" : "object")
                                                        : "it is neither an object nor an array of such");
        after = token.data() + 1;
        if (at == steps.size())
            to.lists.push_back(path);
        std::uint32_t i = 0;
        if (is_list)
            return each_element(v,
                                [&](od::value &element) {
                                    if (i % 1024 == 0)
                                        check_interrupts();
                                    const std::string part = "[" + std::to_string(i) + "]";
                                    const bool is_good = at == steps.size()
                                                             ? place(element, token_of(element), to, i, nullptr, after)
                                                             : find(element, at + 1, path + part, to, after);
                                    ++i;
                                    return is_good || s.within(part);
                                }) &&
                   closed(']', after);
        bool is_there = at == steps.size();
        const std::size_t places = to.places.size(), lists = to.lists.size();
        return each_member(v,
                           [&](od::field &member) {
                               if (i++ % 1024 == 0)
                                   check_interrupts();
                               std::string_view key;
                               const char *const raw = member.key().raw();
                               if (!key_of(member, key))
                                   return false;
                               const std::string name = shown_key(key, path.empty());
                               bool is_good;
                               if (at == steps.size()) {
                                   is_good = place(member.value(), token_of(member.value()), to,
                                                   record_place::no_element, raw, after);
                               } else if (key == steps[at].key) {
                                   to.places.resize(places); // the last one of a key counts
                                   to.lists.resize(lists);
                                   is_there = true;
                                   is_good = find(member.value(), at + 1, path + name, to, after);
                               } else {
                                   is_good = inner(member.value(), 1, after);
                               }
                               return is_good || s.within(name.starts_with('.') ? name.substr(1) : name);
                           }) &&
               (is_there || s.fail("there is no key " + text::quoted(steps[at].key) + " of records_path")) &&
               closed('}', after);
    }

    /// Adds what is a record, or is to be told of as none.
    bool place(od::value &v, std::string_view token, value_records &to, std::uint32_t element, const char *key,
               const char *&after) {
        std::string_view all = token;
        if (token.starts_with('{') || token.starts_with('[')) {
            // Not by simdjson's raw_json(), which goes on behind what is no JSON: ["a":1].
            const std::string_view text(begin, static_cast<std::size_t>(end - begin));
            const auto at = static_cast<std::size_t>(token.data() - begin);
            const std::size_t to_end = end_of_nested(text, at);
            if (to_end == std::string_view::npos)
                return s.fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
            all = text.substr(at, to_end - at);
        } else if (token.starts_with('"')) {
            od::raw_json_string ignored; // it is taken, see text_of()
            if (const auto error = v.get_raw_json_string().get(ignored))
                return s.fail(error);
        } else if (token.empty() || std::string_view("]},:").find(token[0]) != std::string_view::npos) {
            return s.fail(simdjson::TAPE_ERROR);
        }
        after = all.data() + all.size();
        const auto at = [&](const char *place) { return static_cast<std::uint32_t>(place - begin); };
        to.places.push_back({at(all.data()), static_cast<std::uint32_t>(all.size()),
                             static_cast<std::uint32_t>(to.lists.size() - 1), element, key ? at(key) : 0});
        return true;
    }
};

} // namespace

place_finder::place_finder(const dialect &how)
    : steps_(how.records_path), has_levels_(!how.levels.empty()), s_(std::make_unique<parsing>()) {}
place_finder::~place_finder() = default;

std::optional<fault> place_finder::find(std::string_view text, value_records &to) {
    to = {};
    const char *const end = text.data() + text.size(), *const first = past_blanks(text.data(), end);
    const char *after = nullptr;
    od::document document;
    od::value root;
    path_walk walk{{*s_, end}, steps_, has_levels_, text.data()};
    const bool is_nested = first < end && (*first == '{' || *first == '[');
    const bool is_good =
        is_nested ? s_->root_of(text, document, root) && walk.find(root, 0, "", to, after) && s_->ends(after, end)
                  : s_->fail(first == end ? "there is no value" : "it is neither an object nor an array");
    return is_good ? std::nullopt : std::optional(s_->fault_of(text));
}

} // namespace barometre::json
