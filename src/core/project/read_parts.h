#pragma once

#include "core/project/test_config.h"
#include "core/project/yaml_reader.h"

namespace barometre::project {

/// A name that becomes an identifier. Refuses upper case and signs, '-' with the
/// name that is meant, and more than 63 bytes.
void check_name(const yaml_map &map, const std::string &kind, const std::string &name);
void check_name(const yaml_map &map, const std::string &kind, const std::string &name, const place &where);

/// The key date_order.
barometre::value::date_order read_date_order(yaml_map &map);

/// Adds tags as dbt does: what is there stays, and each is there once.
void add_tags(std::vector<std::string> &tags, const std::vector<std::string> &more);
/// Adds the `tags:` of a model, a seed or a config.
void read_tags(yaml_map &map, std::vector<std::string> &tags, const std::string &key = "tags");

/// Lays a `meta:` over what is there, key by key.
void read_meta(yaml_map &map, std::map<std::string, std::string> &meta, const std::string &key = "meta");

/// Adds what is said of columns to what is known: the first description and type stay, tests add up.
void merge_columns(std::vector<column> &into, const std::vector<column> &more);
/// The `columns:` of a table. One that comes again in a file of dbt's adds to the first: the last description counts,
/// and all tests do; in barometre's own files it is an error.
std::vector<column> read_columns(yaml_map &map, bool with_type, const test_rules &rules);

/// The `description:`, with the blocks of documentation that it names. `otherwise`: when there is none.
std::string read_description(yaml_map &map, const test_rules &rules, const std::string &otherwise);

std::string read_delimiter(yaml_map &map, const std::string &key = "delimiter");
char read_decimal(yaml_map &map);

/// Keys of a stream, over the defaults that are in `given` already.
void read_stream_options(yaml_map &map, stream &given, const test_rules &rules);
/// Keys of a tap, which its streams have unless they say otherwise.
void read_tap_options(yaml_map &map, tap &given);
stream read_stream(yaml_map &map, const std::string &tap, stream defaults, const test_rules &rules);

} // namespace barometre::project
