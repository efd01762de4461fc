#include "model/transform/diff_lines.h"
#include "core/text/text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace barometre::model::transform {

namespace {

/// What psql puts between and beside six columns.
constexpr std::size_t frame = 17;
constexpr std::size_t longest_key = 24, least = 9;

std::string on_one_line(std::string value) {
    std::replace_if(
        value.begin(), value.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
    return value;
}

/// Types have names that are shorter, and tell more in a few letters.
std::string short_type(const pg::cell &type) {
    std::string out = type.value_or("");
    const auto replace = [&](std::string_view from, std::string_view to) {
        if (const std::size_t at = out.find(from); at != std::string::npos)
            out.replace(at, from.size(), to);
    };
    replace("character varying", "varchar");
    if (const std::size_t at = out.find(" with time zone"); at != std::string::npos) {
        replace(" with time zone", "");
        replace("timestamp", "timestamptz");
        replace("time(", "timetz(");
        if (out == "time")
            out = "timetz";
    }
    replace(" without time zone", "");
    return out;
}

/// The part from a little before the place where two texts begin to differ.
std::string from_difference(const std::string &value, const std::string &other, std::size_t width) {
    if (value.size() <= width && other.size() <= width)
        return value;
    std::size_t same = 0;
    while (same < value.size() && same < other.size() && value[same] == other[same])
        ++same;
    std::size_t begin = same > width / 2 ? same - width / 4 : 0;
    while (begin > 0 && begin < value.size() && !text::begins_character(value[begin]))
        --begin;
    return begin == 0 ? value : "..." + value.substr(std::min(begin, value.size()));
}

std::size_t longest(const std::vector<change_line> &lines, pg::cell change_line::*what, std::size_t head) {
    for (const change_line &line : lines)
        head = std::max(head, (line.*what).value_or("").size());
    return head;
}

} // namespace

std::vector<pg::row> rows_in_width(const std::vector<change_line> &given, std::size_t width) {
    std::vector<change_line> lines = given;
    std::size_t taken = frame, change = 6, rows = 4;
    for (change_line &line : lines) {
        if (line.change == "column type" || line.change == "column added" || line.change == "column removed")
            for (pg::cell *type : {&line.published, &line.built})
                *type = *type ? pg::cell(short_type(*type)) : *type;
        for (pg::cell *value : {&line.key, &line.published, &line.built})
            *value = *value ? pg::cell(on_one_line(**value)) : *value;
        if (line.key)
            line.key = text::shortened(*line.key, longest_key);
        change = std::max(change, line.change.size());
        rows = std::max(rows, line.rows ? std::to_string(*line.rows).size() : 0);
    }
    taken += change + rows + longest(lines, &change_line::key, 3) + longest(lines, &change_line::column, 11);
    const std::size_t left = std::max(width > taken ? width - taken : 0, 2 * least);
    // Half each; what one does not need is the other's.
    std::size_t published = longest(lines, &change_line::published, least),
                built = longest(lines, &change_line::built, 5);
    if (published + built > left) {
        const std::size_t half = left / 2;
        if (built <= half)
            published = left - built;
        else if (published <= half)
            built = left - published;
        else
            published = half, built = left - half;
    }
    std::vector<pg::row> out;
    for (const change_line &line : lines) {
        pg::row row{line.change, line.key, line.column, line.published, line.built, {}};
        if (line.published && line.built) {
            const std::size_t least_width = std::min(published, built);
            row[3] = from_difference(*line.published, *line.built, least_width);
            row[4] = from_difference(*line.built, *line.published, least_width);
        }
        if (row[3])
            row[3] = text::shortened(*row[3], published);
        if (row[4])
            row[4] = text::shortened(*row[4], built);
        if (line.rows)
            row[5] = std::to_string(*line.rows);
        out.push_back(std::move(row));
    }
    return out;
}

} // namespace barometre::model::transform
