#pragma once

#include "core/jinja/parameters.h"

#include <map>

/// What signs, filters, tests and methods do. Mistakes are complaints, without a place.
namespace barometre::jinja {

value operate(const std::string &sign, const value &a, const value &b, meter &m); ///< + - * / // % **
bool compare(const std::string &sign, const value &a, const value &b, meter &m);  ///< == != < <= > >= in, not in
value negative(const value &v);
value item_of(const value &of, const value &index, meter &m); ///< nothing() when it is not there
value slice_of(const value &of, const value &from, const value &to, const value &step, meter &m);
list items_of(const value &v, meter &m); ///< what a loop goes through; complains of what it can't go through
value attribute_of(const value &of, const std::string &name,
                   std::string &missing); ///< `missing`: says so when it is not there
/// How many items or characters there are. Complains of what has none.
std::size_t length_of(const value &v, meter &m);
std::string formatted(const std::string &form, const list &with, meter &m);        ///< Python's %
std::string format_braces(const std::string &form, const parameters &p, meter &m); ///< str.format() of Python
value copied(const value &v, meter &m);                                            ///< with its lists and dicts

bool is_filter(const std::string &name);
value filter(const std::string &name, const value &v, parameters &p, meter &m);
std::vector<std::string> filter_names();
bool test(const std::string &name, const value &v, parameters &p, meter &m);

/// The methods of texts, lists, dicts, relations and other data.
bool has_method(const value &of, const std::string &name);
value method(const value &of, const std::string &name, parameters &p, meter &m);
value relation_method(const relation &of, const std::string &name, parameters &p); ///< include, render, ...

/// The entries of a dict, or of a list of pairs.
std::vector<std::pair<value, value>> pairs_of(const value &of, const std::string &function, meter &m);

using method_of = value (*)(const value &, parameters &, meter &);
const std::map<std::string, method_of> &methods_of_texts(); ///< methods_text.cpp; format is none of them

} // namespace barometre::jinja
