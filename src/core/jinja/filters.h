#pragma once

#include "core/jinja/operators.h"

#include <map>

/// The filters, by their subjects; filters.cpp has the table. Mistakes are complaints.
namespace barometre::jinja {

using filter_of = value (*)(const value &, parameters &, meter &);

/// Lists: filters_list.cpp
value sort_filter(const value &v, parameters &p, meter &m);
value unique_filter(const value &v, parameters &p, meter &m);
value min_filter(const value &v, parameters &p, meter &m);
value max_filter(const value &v, parameters &p, meter &m);
value sum_filter(const value &v, parameters &p, meter &m);
value join_filter(const value &v, parameters &p, meter &m);
value map_filter(const value &v, parameters &p, meter &m);
value groupby_filter(const value &v, parameters &p, meter &m);
value batch_filter(const value &v, parameters &p, meter &m);
value slice_filter(const value &v, parameters &p, meter &m);
value dictsort_filter(const value &v, parameters &p, meter &m);
/// select, reject, selectattr, rejectattr
value choosing_filter(const value &v, bool wanted, bool by_attribute, parameters &p, meter &m);

/// Texts: filters_text.cpp
value title_filter(const value &v, parameters &p, meter &m);
value center_filter(const value &v, parameters &p, meter &m);
value indent_filter(const value &v, parameters &p, meter &m);
value truncate_filter(const value &v, parameters &p, meter &m);
value wordcount_filter(const value &v, parameters &p, meter &m);
value escape_filter(const value &v, parameters &p, meter &m);

/// What it prints as, which is paid for: it is copied, character by character at worst.
std::string written(const value &v, meter &m);

/// JSON: json_values.cpp
struct json_form {
    bool sorted = false, for_html = false;
    std::string indent{};
    bool is_indented = false;
};
std::string to_json(const value &v, const json_form &form, meter &m); ///< as json.dumps of Python
/// False: it is no JSON.
bool from_json(const std::string &text, value &to, meter &m);
value tojson_filter(const value &v, parameters &p, meter &m);

/// dbt's as_text, as_bool, as_number and as_native, where a value is wanted and no text.
value native(const std::string &name, const value &v, meter &m);

bool is_test(const std::string &name);

} // namespace barometre::jinja
