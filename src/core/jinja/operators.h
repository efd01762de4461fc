#pragma once

#include "core/jinja/parameters.h"

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
std::string formatted(const std::string &form, const list &with, meter &m); ///< Python's %
value copied(const value &v, meter &m);                                     ///< with its lists and dicts

bool is_filter(const std::string &name);
value filter(const std::string &name, const value &v, parameters &p, meter &m);
std::vector<std::string> filter_names();
bool test(const std::string &name, const value &v, parameters &p, meter &m);

/// The methods of texts, lists, dicts, relations and other data.
bool has_method(const value &of, const std::string &name);
value method(const value &of, const std::string &name, parameters &p, meter &m);
value relation_method(const relation &of, const std::string &name, parameters &p); ///< include, render, ...

} // namespace barometre::jinja
