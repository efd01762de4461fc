#include "core/jinja/operators.h"
#include "core/python/methods.h"
#include "core/python/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// What is behind ":" in {:>10,.2f}.
struct field_form {
    std::string fill = " ";
    char align = '\0', sign = '-', grouping = '\0', letter = '\0';
    bool alternate = false;
    std::size_t width = 0;
    int precision = -1;
};

[[noreturn]] void bad_form() {
    throw complaint{"\"format\" does not know what is behind \":\"",
                    "For example: {:>10}, {:05d}, {:,.2f}; texts have no signs and numbers no other letters."};
}

field_form read_form(const std::string &text) {
    field_form out;
    std::size_t i = 0, second = 0;
    auto in = [&](std::size_t at, std::string_view set) {
        return at < text.size() && set.find(text[at]) != std::string_view::npos;
    };
    auto number = [&] {
        const std::size_t from = i;
        while (in(i, "0123456789"))
            ++i;
        if (i - from > 4)
            bad_form();
        return i > from ? std::stoi(text.substr(from, i - from)) : 0;
    };
    if (!text.empty())
        python::next(text, second);
    if (in(second, "<>=^")) {
        out.fill = text.substr(0, second);
        out.align = text[second];
        i = second + 1;
    } else if (in(i, "<>=^")) {
        out.align = text[i++];
    }
    if (in(i, "+- "))
        out.sign = text[i++];
    if (in(i, "#")) {
        out.alternate = true;
        ++i;
    }
    if (in(i, "0")) {
        ++i;
        out.fill = out.align ? out.fill : "0";
        out.align = out.align ? out.align : '0'; // "=" of numbers, and nothing of texts
    }
    out.width = static_cast<std::size_t>(number());
    if (in(i, ",_"))
        out.grouping = text[i++];
    if (in(i, ".")) {
        ++i;
        if (!in(i, "0123456789"))
            bad_form();
        out.precision = number();
    }
    if (i < text.size())
        out.letter = text[i++];
    if (i < text.size() || out.precision > 300)
        bad_form();
    return out;
}

std::string grouped(const std::string &digits, char sign, std::size_t size) {
    if (!sign)
        return digits;
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % size == 0)
            out += sign;
        out += digits[i];
    }
    return out;
}

std::string padded(const std::string &s, const std::string &fill, std::size_t width, char align, meter &m) {
    m.bytes(width * fill.size());
    return align == '<'   ? python::left_of(s, width, fill)
           : align == '^' ? python::centered_as_format(s, width, fill)
                          : python::right_of(s, width, fill);
}

/// `prefix`: the sign, and 0x; `rest`: what follows the digits that are grouped.
std::string number_as(const field_form &form, const std::string &prefix, std::string digits, const std::string &rest,
                      std::size_t group, meter &m) {
    const char align = form.align == '0' ? '=' : form.align ? form.align : '>';
    std::string middle = grouped(digits, form.grouping, group);
    if (align != '=')
        return padded(prefix + middle + rest, form.fill, form.width, align, m);
    if (form.fill != "0")
        return prefix + padded(middle + rest, form.fill, form.width - std::min(form.width, prefix.size()), '>', m);
    const std::size_t used = prefix.size() + rest.size();
    if (!form.grouping)
        return prefix + padded(middle + rest, "0", form.width - std::min(form.width, prefix.size()), '>', m);
    m.bytes(form.width * 2);
    std::size_t count = digits.size();
    while (used + count + (count - 1) / group < form.width)
        ++count;
    return prefix + grouped(std::string(count - digits.size(), '0') + digits, form.grouping, group) + rest;
}

std::string sign_of(const field_form &form, bool negative) {
    return negative ? "-" : form.sign == '-' ? "" : std::string(1, form.sign);
}

std::string integer_as(const field_form &form, std::int64_t i, meter &m) {
    const char letter = form.letter ? form.letter : 'd';
    const unsigned base = letter == 'b' ? 2 : letter == 'o' ? 8 : letter == 'x' || letter == 'X' ? 16 : 10;
    std::uint64_t left = static_cast<std::uint64_t>(i);
    if (i < 0)
        left = 0 - left;
    const std::string_view known = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string digits;
    for (; left > 0 || digits.empty(); left /= base)
        digits += known[static_cast<std::size_t>(left % base)];
    std::reverse(digits.begin(), digits.end());
    const std::string prefix = form.alternate && base != 10 ? std::string("0") + letter : "";
    return number_as(form, sign_of(form, i < 0) + prefix, std::move(digits), "", base == 10 ? 3 : 4, m);
}

std::string real_as(const field_form &form, double d, meter &m) {
    const bool is_percent = form.letter == '%';
    const char letter = is_percent ? 'f' : form.letter == 'n' ? 'g' : form.letter;
    const double size = std::fabs(is_percent ? d * 100 : d);
    std::string text;
    if (!letter && form.precision < 0) {
        text = python::number(size);
    } else {
        char buffer[1024];
        const std::string how = std::string(form.alternate ? "%#.*" : "%.*") + (letter ? letter : 'g');
        std::snprintf(buffer, sizeof buffer, how.c_str(), form.precision < 0 ? 6 : form.precision, size);
        text = buffer;
        if (!letter && std::isfinite(d) && text.find_first_of(".e") == std::string::npos)
            text += ".0";
    }
    const std::size_t whole = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string rest = text.substr(whole) + (is_percent ? "%" : "");
    return number_as(form, sign_of(form, std::signbit(d)), text.substr(0, whole), rest, 3, m);
}

bool is_letter_of(char letter, std::string_view set) { return letter && set.find(letter) != std::string_view::npos; }

std::string value_as(const value &v, const std::string &text, meter &m) {
    defined(v);
    if (text.empty())
        return printed(v, m);
    const field_form form = read_form(text);
    if (v.is_number()) {
        const bool as_real = is_letter_of(form.letter, "eEfFgG%");
        if (as_real || (v.is(value_kind::real) && (!form.letter || form.letter == 'n')))
            return real_as(form, v.real(), m);
        if (v.is(value_kind::real) || form.precision >= 0 || (form.letter && !is_letter_of(form.letter, "dboxXn")))
            bad_form();
        return integer_as(form, v.integer(), m);
    }
    if ((form.letter && form.letter != 's') || form.align == '=' || form.grouping || form.sign != '-' ||
        form.alternate || !(v.is(value_kind::string) || v.is(value_kind::relation)))
        bad_form();
    std::string s = printed(v, m);
    if (form.precision >= 0) {
        std::size_t end = 0;
        for (int i = 0; i < form.precision && end < s.size(); ++i)
            python::next(s, end);
        s.resize(end);
    }
    return padded(s, form.fill, form.width, form.align && form.align != '0' ? form.align : '<', m);
}

/// Goes through the text of "format".
class braces {
public:
    braces(const parameters &p, meter &m) : p_(p), m_(m) {}

    std::string filled(const std::string &form, int depth = 0) {
        std::string out;
        for (std::size_t i = 0; i < form.size(); ++i) {
            const char c = form[i];
            if (depth == 0 && (c == '{' || c == '}') && i + 1 < form.size() && form[i + 1] == c) {
                out += form[i++];
            } else if (c == '{') {
                const std::size_t end = closing(form, i);
                out += field(form.substr(i + 1, end - i - 1), depth);
                m_.bytes(out.size() / 64);
                m_.steps(1);
                i = end;
            } else if (c == '}') {
                throw complaint{"\"}\" closes nothing in the text of \"format\"",
                                "Write \"}}\" for the character itself."};
            } else {
                out += c;
            }
        }
        return out;
    }

private:
    std::size_t closing(const std::string &form, std::size_t from) const {
        int open = 0;
        for (std::size_t i = from; i < form.size(); ++i) {
            open += form[i] == '{' ? 1 : form[i] == '}' ? -1 : 0;
            if (open == 0) {
                m_.steps((i - from) / 8);
                return i;
            }
        }
        throw complaint{"\"{\" is never closed in the text of \"format\"", "Write \"{{\" for the character itself."};
    }

    std::string field(const std::string &inside, int depth) {
        std::size_t end = 0; // of the name; a bracket may hold anything
        for (bool bracket = false; end < inside.size() && (bracket || (inside[end] != ':' && inside[end] != '!'));
             ++end)
            bracket = inside[end] == '[' || (bracket && inside[end] != ']');
        value v = named(inside.substr(0, end));
        if (end < inside.size() && inside[end] == '!') {
            const std::string how = inside.substr(end + 1, 1);
            if (how != "r" && how != "s")
                throw complaint{"\"format\" does not know what is behind \"!\"", "Known are !r and !s."};
            v = how == "r" ? repr(v, m_) : printed(v, m_);
            end += 2;
        }
        std::string form = end < inside.size() ? inside.substr(end + 1) : "";
        if (end < inside.size() && inside[end] != ':')
            throw complaint{"\":\" is expected behind the name of what is formatted", ""};
        if (form.find('{') != std::string::npos) {
            if (depth > 0)
                throw complaint{"the fields of \"format\" are nested too deeply", ""};
            form = filled(form, depth + 1);
        }
        return value_as(v, form, m_);
    }

    value named(const std::string &whole) {
        std::size_t end = std::min(whole.find_first_of(".["), whole.size());
        const std::string name = whole.substr(0, end);
        const value *given = nullptr;
        if (name.find_first_not_of("0123456789") == std::string::npos && name.size() < 4) {
            const std::size_t place = name.empty() ? next_++ : static_cast<std::size_t>(std::stoi(name));
            given = place < p_.positional().size() ? &p_.positional()[place] : nullptr;
        } else {
            given = p_.find(name);
        }
        if (!given)
            throw complaint{"\"format\" has no argument for \"{" + name + "}\"", ""};
        value v = *given;
        while (end < whole.size()) {
            const std::size_t from = end + 1;
            const bool bracket = whole[end] == '[';
            end = std::min(bracket ? whole.find(']', from) : whole.find_first_of(".[", from), whole.size());
            v = part(v, whole.substr(from, end - from), bracket);
            end += bracket;
        }
        return v;
    }

    value part(const value &of, const std::string &name, bool bracket) {
        std::string missing;
        const bool is_number =
            bracket && !name.empty() && name.size() < 10 && name.find_first_not_of("0123456789") == std::string::npos;
        const value found = is_number ? item_of(of, static_cast<std::int64_t>(std::stoll(name)), m_)
                            : bracket == defined(of).is(value_kind::dict) ? attribute_of(of, name, missing)
                                                                          : value::nothing();
        if (found.is(value_kind::undefined))
            throw complaint{"\"format\" finds no \"" + name + "\" in " + of.type_name(), ""};
        return found;
    }

    const parameters &p_;
    meter &m_;
    std::size_t next_ = 0;
};

} // namespace

std::string format_braces(const std::string &form, const parameters &p, meter &m) {
    m.bytes(form.size());
    return braces(p, m).filled(form);
}

} // namespace barometre::jinja
