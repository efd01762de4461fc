#pragma once

#include "../csv/reference_reader.h" // for UTF-8 alone

#include "core/record/found_type.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// A reader of JSON lines that is slow and plain, by recursive descent over a whole text, with which what
/// json::record_reader gives is compared. A line ends in LF; one of blanks is passed over; a good one is one object in
/// valid UTF-8, nested 1000 deep at most, whose texts and keys have no control characters, NULs and halves of
/// characters. Its fields are its members, and those of the objects in it as deep as `flatten` says, the last one of a
/// key; objects and arrays are the text that they are.
namespace reference {

using barometre::record::found_type;

struct json_value {
    found_type said = found_type::none; ///< none: null
    std::string text;
    bool operator==(const json_value &) const = default;
};

struct json_record {
    bool is_good = false;
    std::uint64_t line = 0, offset = 0;
    std::map<std::string, json_value> fields; ///< that are not null
    bool operator==(const json_record &) const = default;
};

class json_reader {
public:
    std::vector<json_record> records;
    std::vector<std::pair<std::string, found_type>> header;
    std::uint64_t blank = 0;

    explicit json_reader(const std::string &text, std::size_t flatten = 0) : flatten_(flatten) {
        std::uint64_t number = 0;
        for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0, end; at < text.size(); at = end + 1) {
            end = std::min(text.find('\n', at), text.size());
            ++number;
            line_ = text.substr(at, end - at);
            at_ = 0;
            pass_blanks();
            if (at_ == line_.size()) {
                ++blank;
                continue;
            }
            json_record r{false, number, at, {}};
            seen_.clear();
            r.is_good = is_utf8(line_) && members(r, "", 0, 0) && (pass_blanks(), at_ == line_.size());
            if (r.is_good)
                settle(r);
            else
                r.fields.clear();
            records.push_back(std::move(r));
        }
    }

private:
    std::size_t flatten_, at_ = 0;
    std::string line_;
    std::vector<std::string> seen_;

    char now() const { return at_ < line_.size() ? line_[at_] : '\0'; }
    bool take(char c) {
        pass_blanks();
        return now() == c && at_ < line_.size() && ++at_;
    }
    void pass_blanks() {
        while (at_ < line_.size() && (now() == ' ' || now() == '\t' || now() == '\r'))
            ++at_;
    }
    void settle(const json_record &r) {
        for (const std::string &name : seen_) {
            auto at = std::find_if(header.begin(), header.end(), [&](const auto &h) { return h.first == name; });
            if (at == header.end())
                at = header.insert(header.end(), {name, found_type::none});
            if (const auto f = r.fields.find(name); f != r.fields.end())
                at->second = barometre::record::widen(at->second, f->second.said);
        }
    }

    bool members(json_record &r, const std::string &prefix, std::size_t level, int depth) {
        if (!take('{'))
            return false;
        if (take('}'))
            return true;
        do {
            std::string key;
            if (!string(key) || !take(':'))
                return false;
            const bool is_blank = key.find_first_not_of(" \t\r\n") == std::string::npos; // no header is nameless
            const std::string name = prefix + (is_blank ? "\"" + key + "\"" : key);
            std::erase_if(r.fields, [&](const auto &f) { return f.first == name || f.first.starts_with(name + "__"); });
            pass_blanks();
            if (now() == '{' && level < flatten_) {
                if (!members(r, name + "__", level + 1, depth + 1))
                    return false;
                continue;
            }
            json_value v;
            if (!value(v, 0))
                return false;
            if (v.said != found_type::none)
                r.fields[name] = v;
            if (v.said != found_type::none || level >= flatten_) // else null may be an object that is not there
                seen_.push_back(name);
        } while (take(','));
        return take('}');
    }

    bool value(json_value &v, int depth) {
        pass_blanks();
        const std::size_t begin = at_;
        const char open = now();
        if (open == '"') {
            v.said = found_type::text;
            return string(v.text);
        }
        if (open != '{' && open != '[')
            return scalar(v);
        if (depth == 1000)
            return false;
        ++at_;
        const char close = open == '{' ? '}' : ']';
        if (!take(close)) {
            do {
                json_value inner;
                std::string key;
                if ((open == '{' && (!string(key) || !take(':'))) || !value(inner, depth + 1))
                    return false;
            } while (take(','));
            if (!take(close))
                return false;
        }
        v = {found_type::jsonb, line_.substr(begin, at_ - begin)};
        return true;
    }

    bool scalar(json_value &v) {
        const std::size_t begin = at_;
        while (at_ < line_.size() && std::string(" \t\r,:{}[]\"").find(now()) == std::string::npos)
            ++at_;
        v.text = line_.substr(begin, at_ - begin);
        if (v.text == "null") {
            v.text.clear();
            return true;
        }
        if (v.text == "true" || v.text == "false") {
            v.said = found_type::boolean;
            return true;
        }
        std::size_t i = v.text.starts_with('-');
        auto digits = [&] {
            const std::size_t from = i;
            while (i < v.text.size() && v.text[i] >= '0' && v.text[i] <= '9')
                ++i;
            return i - from;
        };
        const bool is_zero = i < v.text.size() && v.text[i] == '0';
        const std::size_t whole = digits();
        std::size_t decimals = 0;
        long double exponent = 0;
        if (whole == 0 || (is_zero && whole > 1))
            return false;
        v.said = i == v.text.size() && whole <= 18 ? found_type::bigint : found_type::numeric;
        if (i < v.text.size() && v.text[i] == '.' && (++i, decimals = digits()) == 0)
            return false;
        if (i < v.text.size() && (v.text[i] == 'e' || v.text[i] == 'E')) {
            const std::size_t from = ++i;
            i += i < v.text.size() && (v.text[i] == '+' || v.text[i] == '-');
            if (digits() == 0)
                return false;
            exponent = std::stold(v.text.substr(from));
        }
        if (static_cast<long double>(whole) + exponent > 131072 ||
            static_cast<long double>(decimals) - exponent > 16383)
            v.said = found_type::text;
        return i == v.text.size();
    }

    bool unit(unsigned &u) {
        u = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const std::size_t digit = std::string("0123456789abcdefABCDEF").find(now());
            if (at_ >= line_.size() || digit == std::string::npos)
                return false;
            u = u * 16 + static_cast<unsigned>(digit < 16 ? digit : digit - 6);
        }
        return true;
    }

    bool string(std::string &to) {
        if (!take('"'))
            return false;
        for (; at_ < line_.size() && now() != '"';) {
            const char c = line_[at_++];
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c != '\\') {
                to += c;
                continue;
            }
            const char what = now();
            ++at_;
            const std::size_t simple = std::string("\"\\/bfnrt").find(what);
            unsigned u = 0, low = 0;
            if (what != 'u') {
                if (simple == std::string::npos)
                    return false;
                to += "\"\\/\b\f\n\r\t"[simple];
                continue;
            }
            if (!unit(u) || u == 0 || (u >= 0xDC00 && u < 0xE000))
                return false;
            if (u >= 0xD800 && u < 0xDC00) {
                if (line_.compare(at_, 2, "\\u") != 0 || (at_ += 2, !unit(low)) || low < 0xDC00 || low >= 0xE000)
                    return false;
                u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00);
            }
            if (u < 0x80)
                to += static_cast<char>(u);
            else if (u < 0x800)
                to += {static_cast<char>(0xC0 | u >> 6), static_cast<char>(0x80 | (u & 63))};
            else if (u < 0x10000)
                to += {static_cast<char>(0xE0 | u >> 12), static_cast<char>(0x80 | (u >> 6 & 63)),
                       static_cast<char>(0x80 | (u & 63))};
            else
                to += {static_cast<char>(0xF0 | u >> 18), static_cast<char>(0x80 | (u >> 12 & 63)),
                       static_cast<char>(0x80 | (u >> 6 & 63)), static_cast<char>(0x80 | (u & 63))};
        }
        return take('"');
    }
};

} // namespace reference
