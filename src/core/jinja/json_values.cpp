#include "core/interrupts.h"
#include "core/jinja/filters.h"
#include "core/json/padding.h"
#include "core/json/tree.h"
#include "core/python/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace barometre::jinja {

namespace {

using value_kind = value::kind;
constexpr int deepest_json = 64; ///< as deep as values can be printed

/// A text of JSON in ASCII alone, as Python writes it.
void write_text(const std::string &s, bool for_html, std::string &out) {
    auto unit = [&](unsigned n) {
        char buffer[16];
        std::snprintf(buffer, sizeof buffer, "\\u%04x", n);
        out += buffer;
    };
    out += '"';
    for (std::size_t at = 0; at < s.size();) {
        const char32_t c = python::next(s, at);
        static constexpr std::string_view short_ones = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
        const std::size_t found = c < 0x80 ? short_ones.find(static_cast<char>(c)) : short_ones.npos;
        if (found != short_ones.npos) {
            out += '\\';
            out += letters[found];
        } else if (c > 0xFFFF) {
            unit(static_cast<unsigned>(0xD800 + ((c - 0x10000) >> 10)));
            unit(static_cast<unsigned>(0xDC00 + ((c - 0x10000) & 0x3FF)));
        } else if (c < 0x20 || c > 0x7E || (for_html && (c == '<' || c == '>' || c == '&' || c == '\''))) {
            unit(static_cast<unsigned>(c));
        } else {
            out += static_cast<char>(c);
        }
    }
    out += '"';
}

std::string real_text(double d) {
    return std::isnan(d) ? "NaN" : std::isinf(d) ? (d < 0 ? "-Infinity" : "Infinity") : python::number(d);
}

class json_writer {
public:
    json_writer(const json_form &form, meter &m) : form_(form), m_(m) {}

    void write(const value &v, int depth) {
        m_.steps(1);
        if (depth > deepest_json)
            throw complaint{"lists and dicts are nested too deeply to be written as JSON", ""};
        switch (defined(v).type()) {
        case value_kind::none:
            return add("null");
        case value_kind::boolean:
            return add(v.boolean() ? "true" : "false");
        case value_kind::integer:
            return add(std::to_string(v.integer()));
        case value_kind::real:
            return add(real_text(v.real()));
        case value_kind::string:
            return add_text(v.text());
        case value_kind::relation:
            return add_text(v.table().text);
        case value_kind::list:
        case value_kind::tuple:
            return all('[', ']', v.items(), depth, [&](const value &one) { write(one, depth + 1); });
        case value_kind::dict: {
            std::vector<std::pair<value, value>> entries = v.entries().entries();
            m_.bytes(entries.size() * 2 * sizeof(value));
            if (form_.sorted)
                std::stable_sort(entries.begin(), entries.end(),
                                 [&](const auto &a, const auto &b) { return less(a.first, b.first, m_); });
            return all('{', '}', entries, depth, [&](const auto &one) {
                add_text(key_text(one.first));
                add(": ");
                write(one.second, depth + 1);
            });
        }
        default:
            throw complaint{std::string(v.type_name()) + " can't be written as JSON", ""};
        }
    }

    std::string out;

private:
    void add(const std::string &text) {
        m_.bytes(text.size());
        out += text;
    }
    void add_text(const std::string &text) {
        m_.bytes(text.size() * 6);
        m_.steps(text.size() / 8);
        write_text(text, form_.for_html, out);
    }
    void new_line(int depth) {
        add("\n");
        for (int i = 0; i < depth; ++i)
            add(form_.indent);
    }
    template <class Items, class Write> void all(char open, char close, const Items &items, int depth, Write one) {
        out += open;
        bool first = true;
        for (const auto &item : items) {
            if (!first)
                add(form_.is_indented ? "," : ", ");
            first = false;
            if (form_.is_indented)
                new_line(depth + 1);
            one(item);
        }
        if (form_.is_indented && !items.empty())
            new_line(depth);
        out += close;
    }
    std::string key_text(const value &key) const {
        switch (key.type()) {
        case value_kind::string:
            return key.text();
        case value_kind::none:
            return "null";
        case value_kind::boolean:
            return key.boolean() ? "true" : "false";
        case value_kind::integer:
            return std::to_string(key.integer());
        case value_kind::real:
            return real_text(key.real());
        default:
            throw complaint{std::string("a key of JSON can't be ") + key.type_name(), ""};
        }
    }

    const json_form &form_;
    meter &m_;
};

value value_of(const json::tree &t, int depth, meter &m) {
    using kinds = json::tree::kinds;
    m.steps(1);
    m.bytes(2 * sizeof(value) + t.text.size());
    if (depth > deepest_json)
        throw complaint{"the JSON is nested too deeply", ""};
    switch (t.kind) {
    case kinds::null:
        return {};
    case kinds::boolean:
        return t.raw.starts_with('t');
    case kinds::text:
        return t.text;
    case kinds::array: {
        list out;
        for (const json::tree &one : t.elements)
            out.push_back(value_of(one, depth + 1, m));
        return out;
    }
    case kinds::object: {
        dict out;
        for (const auto &[key, one] : t.members)
            out.set(key, value_of(one, depth + 1, m), m);
        return out;
    }
    default:
        break;
    }
    const std::string_view raw = t.raw.substr(0, t.raw.find_last_of("0123456789") + 1);
    if (raw.find_first_of(".eE") == std::string_view::npos) {
        std::int64_t i = 0;
        if (std::from_chars(raw.data(), raw.data() + raw.size(), i).ec != std::errc())
            throw complaint{"the number " + std::string(raw.substr(0, 40)) + " is too large", ""};
        return i;
    }
    return std::strtod(std::string(raw).c_str(), nullptr);
}

} // namespace

std::string to_json(const value &v, const json_form &form, meter &m) {
    json_writer writer(form, m);
    writer.write(v, 0);
    return std::move(writer.out);
}

bool from_json(const std::string &text, value &to, meter &m) {
    m.bytes(text.size() * 8 + json::padding);
    m.steps(text.size() / 8);
    check_interrupts();
    std::string padded = "[" + text + "\n]"; // any value may be the whole
    const std::size_t size = padded.size();
    padded.append(json::padding, ' ');
    json::tree all;
    if (json::tree_reader().read(std::string_view(padded).substr(0, size), deepest_json + 2, all) ||
        all.elements.size() != 1)
        return false;
    to = value_of(all.elements[0], 0, m);
    return true;
}

/// As Jinja writes it: safe in HTML, too.
value tojson_filter(const value &v, parameters &p, meter &m) {
    json_form form{.sorted = true, .for_html = true};
    if (const value *indent = p.get(0, "indent"); indent && !defined(*indent).is(value_kind::none)) {
        form.is_indented = true;
        form.indent =
            indent->is(value_kind::string)
                ? indent->text()
                : std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(p.integer(0, "indent", 0), 0, 100)),
                              ' ');
    }
    return to_json(v, form, m);
}

} // namespace barometre::jinja
