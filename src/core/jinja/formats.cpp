#include "core/jinja/operators.h"
#include "core/python/text.h"

#include <cmath>
#include <cstdio>
#include <map>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;

/// One % of Python's: flags, width, precision and a letter.
std::string one_format(const std::string &flags, const std::string &width, const std::string &precision, char letter,
                       const value &v, meter &m) {
    defined(v);
    const int columns = width.empty() ? 0 : std::stoi(width), digits = precision.empty() ? -1 : std::stoi(precision);
    const bool based = letter == 'x' || letter == 'X' || letter == 'o',
               whole = based || letter == 'd' || letter == 'i' || letter == 'u',
               real = std::string_view("fFeEgG").find(letter) != std::string_view::npos;
    char buffer[1024];
    std::string form = "%" + flags;
    if ((whole || real) && !v.is_number())
        throw complaint{std::string("\"%") + letter + "\" takes a number, not " + v.type_name(), ""};
    if (based && !v.is_whole())
        throw complaint{std::string("\"%") + letter + "\" takes an integer, not " + v.type_name(), ""};
    if (based && v.integer() >= 0) {
        form += digits < 0 ? "*ll" : "*.*ll";
        form += letter;
        if (digits < 0)
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, static_cast<long long>(v.integer()));
        else
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, digits, static_cast<long long>(v.integer()));
        return buffer;
    }
    if (based)
        throw complaint{std::string("\"%") + letter + "\" takes an integer from 0", ""};
    if (whole) {
        const double d = v.is_whole() ? 0 : v.real();
        if (!(std::fabs(d) < 9.2e18))
            throw complaint{"the number is too large for an integer", ""};
        const long long i = v.is_whole() ? v.integer() : static_cast<std::int64_t>(d);
        form += digits < 0 ? "*lld" : "*.*lld";
        if (digits < 0)
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, i);
        else
            std::snprintf(buffer, sizeof buffer, form.c_str(), columns, digits, i);
        return buffer;
    }
    if (real) {
        form += std::string("*.*") + letter;
        std::snprintf(buffer, sizeof buffer, form.c_str(), columns, digits < 0 ? 6 : digits, v.real());
        return buffer;
    }
    std::string out = letter == 'r' ? repr(v, m) : printed(v, m);
    if (digits >= 0) {
        std::string shorter;
        std::size_t at = 0;
        for (int i = 0; i < digits && at < out.size(); ++i)
            python::next(out, at);
        out.resize(at);
    }
    const std::size_t size = python::length(out);
    if (const std::size_t wanted = static_cast<std::size_t>(columns); size < wanted)
        flags.find('-') != std::string::npos ? out.append(wanted - size, ' ') : out.insert(0, wanted - size, ' ');
    return out;
}

} // namespace

std::string formatted(const std::string &form, const list &with, meter &m) {
    std::string out;
    std::size_t next = 0;
    m.bytes(form.size());
    const bool with_dict = with.size() == 1 && with.front().is(value_kind::dict);
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '%') {
            out += form[i];
            continue;
        }
        ++i;
        auto some = [&](const char *of) {
            const std::size_t from = i;
            while (i < form.size() && std::string_view(of).find(form[i]) != std::string_view::npos)
                ++i;
            return form.substr(from, i - from);
        };
        const value *named = nullptr;
        if (i < form.size() && form[i] == '(') { // of a dict
            const std::size_t end = form.find(')', i);
            if (end == std::string::npos || !with_dict)
                throw complaint{end == std::string::npos ? "\"%(\" is never closed in the text to be formatted"
                                                         : "\"%(\" takes its values of a dict",
                                ""};
            const std::string key = form.substr(i + 1, end - i - 1);
            named = with.front().entries().find(key);
            if (!named)
                throw complaint{"the dict has no key \"" + key.substr(0, 60) + "\"", ""};
            i = end + 1;
        }
        const std::string flags = some("-+ 0#"), width = some("0123456789");
        std::string precision;
        if (i < form.size() && form[i] == '.') {
            ++i;
            precision = some("0123456789");
            precision = precision.empty() ? "0" : precision;
        }
        const char letter = i < form.size() ? form[i] : '\0';
        if (letter == '%') {
            out += '%';
            continue;
        }
        if (!letter || std::string_view("sdirufFeEgGxXo").find(letter) == std::string_view::npos || width.size() > 3 ||
            precision.size() > 2 || flags.size() > 4)
            throw complaint{"the text to be formatted has a \"%\" that is not known",
                            "Known are %s, %r, %d, %i, %f, %e, %g, %x and %o; \"%%\" is the character itself."};
        if (!named && next >= with.size())
            throw complaint{"there are fewer values than the text to be formatted has \"%\"", ""};
        const std::string one = one_format(flags, width, precision, letter, named ? *named : with[next++], m);
        m.steps(1);
        m.bytes(one.size() + 16);
        out += one;
    }
    if (next < with.size() && !with_dict)
        throw complaint{"there are more values than the text to be formatted has \"%\"", ""};
    return out;
}

} // namespace barometre::jinja
