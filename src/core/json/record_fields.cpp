#include "core/json/parser_state.h"
#include "core/text/utf8.h"

namespace barometre::json {

using record::found_type;

void record_parser::begin_header(const std::vector<std::string> &names) {
    for (const std::string &name : names)
        field_of(name);
}

std::size_t record_parser::field_of(const std::string &name) {
    const auto [known, is_new] = places_.emplace(name, header_.names.size());
    if (is_new) {
        header_.names.push_back(name);
        header_.types.push_back(found_type::none);
        fields_.push_back({{}, true});
    }
    return known->second;
}

bool record_parser::set(const key_tree::entry &e, const record::field &value) {
    if (how_.flatten > 0) {
        s_->owners.resize(fields_.size());
        if (const key_tree::entry *&owner = s_->owners[e.field]; owner && owner != &e && !value.is_null)
            return false;
        else if (!value.is_null)
            owner = &e;
        else
            return true;
    }
    keep(e.field, value);
    return true;
}

void record_parser::keep(std::size_t field, const record::field &value) {
    record::field &f = fields_[field];
    f = value;
    if (how_.blank_is_null && f.said == found_type::text && text::is_blank(f.text))
        f = {{}, true};
}

/// Takes the types of a good record into account.
void record_parser::widen() {
    for (std::size_t i = 0; i < fields_.size(); ++i)
        if (!fields_[i].is_null)
            header_.types[i] = record::widen(header_.types[i], fields_[i].said);
}

/// Takes back what a bad record added to so many fields.
void record_parser::forget_fields(std::size_t known) {
    for (key_tree::entry *e : s_->added)
        e->field = fault::no_field;
    for (std::size_t i = known; i < fields_.size(); ++i)
        places_.erase(header_.names[i]);
    header_.names.resize(known);
    header_.types.resize(known);
    fields_.resize(known);
}

} // namespace barometre::json
