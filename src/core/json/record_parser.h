#pragma once

#include "core/json/dialect.h"
#include "core/json/fault.h"
#include "core/json/key_tree.h"
#include "core/record/field.h"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace barometre::json {

/// The fields of records: what they are called, and for each the type that holds all its values.
struct found_header {
    std::vector<std::string> names;
    std::vector<record::found_type> types;
};

/// Makes fields of the texts of JSON values, by simdjson (On-Demand). Numbers keep their digits: their text is the
/// token's. Texts live until the next call.
class record_parser {
public:
    /// A record of an object that is unpivoted: its keys, and where in the text its value stands.
    struct leaf_record {
        std::vector<std::string> keys;
        record::field value;
        std::size_t begin, size;
    };

    /// A record that is a member of the object in a text: its key, and what stands beside it, in order.
    struct enclosing {
        std::string_view member;
        std::vector<std::pair<std::string_view, record::field>> others{};
        bool has_record = false;
    };

    explicit record_parser(const dialect &how);
    ~record_parser();
    record_parser(const record_parser &) = delete;
    record_parser &operator=(const record_parser &) = delete;

    /// These fields come first. Others follow in the order in which records have them.
    void begin_header(const std::vector<std::string> &names);
    /// There are no others: what else records have is passed over. What `flatten` would take apart stays whole where it
    /// is a field itself.
    void close_header() { is_closed_ = true; }
    /// Of all records so far. With `flatten` a key that is null everywhere is no field: it may be an object's.
    const found_header &header() const { return header_; }

    /// The fields of the record that is the whole text, which has padding. `key`: what follows the first quote of its
    /// key, if that is part of it. Of a fault nothing is kept, be it fields or types. What is unpivoted may hold any
    /// number of records, none too: has_more() says so, and more() goes on to the next one, also to the first.
    std::optional<fault> take(std::string_view text, const char *key = nullptr);
    std::optional<fault> take(std::string_view text, enclosing &in);
    bool has_more() const { return next_leaf_ < leaves_.size(); }
    const leaf_record &more();

    const std::vector<record::field> &fields() const { return fields_; }
    const std::string &key() const { return key_; } ///< that take() was given, without escapes

private:
    struct state; ///< simdjson's
    struct walk;
    std::size_t field_of(const std::string &name);
    bool set(const key_tree::entry &e, const record::field &value);
    void keep(std::size_t field, const record::field &value);
    bool lone_scalar(std::string_view text, record::field &f);
    bool read_key(const char *raw);
    void begin_record();
    std::optional<fault> end_record(std::optional<fault> bad, std::size_t known);
    std::optional<fault> read(std::string_view text, const char *key);
    std::optional<fault> read(std::string_view text, enclosing &in);
    void widen();
    void forget_fields(std::size_t known);

    dialect how_;
    std::unique_ptr<state> s_;
    key_tree keys_;
    key_tree::entry ignored_; ///< of keys that are not remembered
    bool is_closed_ = false;
    found_header header_;
    std::unordered_map<std::string, std::size_t> places_; ///< of its names
    std::string key_;
    std::vector<record::field> fields_;
    std::vector<leaf_record> leaves_; ///< of an object that is unpivoted
    std::size_t next_leaf_ = 0;
};

} // namespace barometre::json
