#pragma once

#include "core/budget.h"
#include "core/csv/dialect.h"
#include "core/file/root.h"
#include "core/jinja/value.h"
#include "core/json/dialect.h"
#include "core/project/column.h"
#include "core/project/distribution.h"
#include "core/project/findings.h"
#include "core/project/job.h"
#include "core/project/named_list.h"
#include "core/project/surroundings.h"
#include "core/project/unit_test.h"
#include "core/value/fault.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace barometre::jinja {
class macro_library;
struct references;
} // namespace barometre::jinja

/// The project as its files say it, read and checked, before it meets a server.
namespace barometre::project {

enum class materialization { table, view, materialized_view, incremental, ephemeral, snapshot };

/// The words of the project for them, as messages list them. There is no other list.
inline constexpr std::pair<const char *, materialization> materializations[] = {
    {"table", materialization::table},
    {"view", materialization::view},
    {"materialized_view", materialization::materialized_view},
    {"incremental", materialization::incremental},
    {"ephemeral", materialization::ephemeral},
    {"snapshot", materialization::snapshot}, // of the snapshots folders; no model may ask for it
};
std::string to_text(materialization m);

/// How many of all records or rows may be rejected or go: a number, or a share.
struct limit {
    std::int64_t count = 0;
    double percent = -1; ///< below 0: `count` counts
    std::string text() const;
    bool allows(std::int64_t some, std::int64_t all) const;
};

/// What happens when files and table no longer have the same columns, or values the same types.
enum class column_contract { evolve, freeze, discard };
enum class type_contract { widen, evolve, freeze };

/// Columns of a table that is loaded: the server's 1600, less those that a load adds to its staging table, and what a
/// merge by key adds to that.
constexpr std::size_t most_columns(bool has_key) { return has_key ? 1596 : 1597; }

/// A column of a tap table, made from a source column.
struct mapping {
    std::string target;
    std::string source; ///< empty: dropped (`name: null`)
    bool md5 = false;
};

/// When the data of a stream or source are too old.
struct freshness_config {
    std::string column; ///< its greatest value is the age; empty: the last load that brought new data. Of a source, SQL
    std::string filter; ///< of a source, SQL: which rows count; empty: all
    std::string format; ///< of the texts in `column`; empty: as the server reads them
    std::int64_t warn_after = 0, error_after = 0; ///< seconds; 0: never
    std::string text() const;                     ///< a JSON object with all its keys
};

/// How the files of a stream hold its records.
enum class record_format { csv, jsonl, json, singer };
const char *shown(record_format format); ///< as the key "format" has it

/// What is said of how a Singer target works.
struct singer_options {
    std::vector<std::string> select;   ///< properties that become columns; empty: all
    bool hard_delete = false;          ///< what an extraction says is gone is deleted
    bool add_metadata_columns = false; ///< _sdc_extracted_at, _sdc_batched_at and _sdc_deleted_at
};

struct stream {
    std::string tap, name;
    std::string path, pattern;
    record_format format = record_format::csv;
    csv::dialect csv{.delimiter = ""}; ///< what is said of each format, whichever it is; not how files are packed
    json::dialect json;
    singer_options singer;
    bool blank_is_null = false;
    bool prefer_schema_as_string = false;  ///< columns without a type are text
    bool prefer_number_vs_integer = false; ///< those of whole numbers are numeric
    std::uint64_t max_decompressed_size = std::uint64_t{64} << 30;
    std::vector<std::string> encodings{"utf-8"}; ///< tried in order for each file
    char decimal = '.';
    value::date_order date_order = value::date_order::none; ///< the project's
    std::string timezone;                                   ///< the project's
    limit max_rejects;
    distribution spread;
    bool delete_absent = false;       ///< rows whose key the newest file lacks go
    std::optional<limit> max_deletes; ///< rows that one load may take away; absent: nothing is said
    limit most_deletes() const { return max_deletes.value_or(limit{0, 10}); }
    std::optional<bool> skips_failures; ///< on_failure: files that can't be loaded are left out; nothing: the call's
    column_contract columns_contract = column_contract::evolve;
    type_contract types_contract = type_contract::widen;
    std::int64_t min_age = 0;             ///< seconds: younger files wait
    std::int64_t start_date = 0;          ///< seconds since 1970-01-01 UTC: older files are not looked at
    std::vector<std::string> field_names; ///< not empty: the file has no header line
    std::vector<std::string> key_properties;
    std::vector<mapping> map;
    bool map_keeps_rest = true; ///< __else__: keep
    std::optional<freshness_config> freshness;
    std::string description;
    std::vector<column> columns;
    std::vector<column> documented;  ///< what properties files say of columns, which need not be there
    std::vector<generic_test> tests; ///< of the table
    place at;
    std::vector<column> described() const; ///< both, each column once
};

struct tap {
    std::string name;
    std::string description;
    named_list<stream> streams;
    place at;
    stream settings{};      ///< what its streams have unless they say otherwise; without a name
    bool discovers = false; ///< it has a stream for each that its files tell of
    bool last_part = false; ///< such a stream's table is called by what follows the last "-" in its name
    /// A file of it may hold records of each of its streams.
    bool shares_files() const { return settings.format == record_format::singer; }
    /// The stream of that name; of one that discovers also what no file told of yet. Nothing: it has none.
    std::optional<stream> stream_called(const std::string &name) const;
};

/// A table that others write, as a properties file declares it under `sources:`.
struct source_table {
    std::string source, name;       ///< the arguments of source()
    std::string schema, identifier; ///< of the relation
    std::string description;
    std::vector<std::string> tags;
    std::map<std::string, std::string> meta; ///< key -> value as JSON
    std::optional<freshness_config> freshness;
    std::vector<column> columns; ///< documentation and tests alone
    std::vector<generic_test> tests;
    place at;
    bool enabled = true;
    std::string node() const { return source + "." + name; }
};

/// SQL to run before or after a model or seed is built.
struct hook {
    std::string source; ///< with its templates
    place at;           ///< where it begins
};

/// What models, snapshots and seeds share: each becomes a relation.
struct relation_node {
    relation_node() = default;
    relation_node(const relation_node &) = default;
    relation_node(relation_node &&) = default;
    relation_node &operator=(const relation_node &) = default;
    relation_node &operator=(relation_node &&) = default;
    virtual ~relation_node() = default;
    virtual std::string kind() const = 0;            ///< model, snapshot or seed: for messages and selections
    virtual std::string materialized_as() const = 0; ///< by the word of the project

    std::string name;
    std::string package; ///< whose it is; empty: the project's own
    std::string file;    ///< relative to the project folder; of what is registered its place()
    int line = 0;        ///< of a snapshot: where its block or entry begins in `file`; 0: the whole file
    std::string schema;  ///< of a seed empty until all is read: the project's
    std::string alias;   ///< what its table or view is called; empty: as the node
    bool enabled = true;
    std::vector<std::string> tags; ///< of all places that give it some, each once
    std::string description;
    std::vector<column> columns;
    std::vector<generic_test> tests;
    std::map<std::string, std::vector<std::string>> grants; ///< privilege (lower case) -> roles, each once; may be none
    std::vector<hook> pre_hooks, post_hooks;                ///< in order; none is blank
    std::map<std::string, std::string> meta;                ///< key -> value as JSON
    distribution spread;                                    ///< of its table
    std::map<std::string, place> said_at; ///< where each key of its configuration was said last, by its name with "_"

    const std::string &relation() const { return alias.empty() ? name : alias; }
    std::string meta_text() const { return project::meta_text(meta); }
    place where(const std::string &key) const; ///< `key` was said; else where the file is
};

struct seed : relation_node { // its file is the CSV; empty: not in the project
    std::string kind() const override { return "seed"; }
    std::string materialized_as() const override { return kind(); }

    place at;
    std::string delimiter{};        ///< empty: found
    char decimal = '.';             ///< of numbers, found ones too
    bool pads_short = false;        ///< fields that a row lacks at its end are NULL, all of an empty line
    bool is_only_described = false; ///< in a properties file: it counts if a model reads it
};

/// An index as a model asks for it.
struct index_config {
    std::vector<std::string> columns; ///< at least one
    bool unique = false;
    std::string type = "btree"; ///< or hash, gin, gist, brin, spgist
    place at;
    bool operator==(const index_config &o) const {
        return columns == o.columns && unique == o.unique && type == o.type;
    }
};

/// How the rows that an incremental model's query gives get into its table.
enum class incremental_strategy {
    append,        ///< they are added
    delete_insert, ///< they take the place of all rows that have one of their keys
    merge,         ///< the same, and a key may come once
};
enum class schema_change { ignore, fail, append_new_columns, sync_all_columns };

/// How the rows of a model that is a table take the place of those that readers have.
enum class publish_way {
    difference, ///< row by row, where they differ
    swap,       ///< all at once, by exchanging files, wherever that can be done
    automatic   ///< by swap, if most rows differ and nobody could tell
};

struct incremental_config {
    std::optional<incremental_strategy> strategy; ///< as said; absent: delete+insert with a unique_key, else append
    std::vector<std::string> unique_key;
    schema_change on_schema_change = schema_change::ignore;
    incremental_strategy chosen() const {
        return strategy.value_or(unique_key.empty() ? incremental_strategy::append
                                                    : incremental_strategy::delete_insert);
    }
};

/// How a snapshot tells that a row changed, and what becomes of rows that its source no longer has.
struct snapshot_config {
    enum class strategies { timestamp, check };
    enum class deletes { ignore, invalidate, new_record };
    strategies strategy = strategies::timestamp;
    std::vector<std::string> unique_key; ///< at least one column
    std::string updated_at;              ///< a column; empty: the time of the transaction (strategy check alone)
    std::vector<std::string> check_cols; ///< of strategy check; empty: all
    deletes hard_deletes = deletes::ignore;
};

struct model : relation_node {
    std::string folder; ///< of `file`, below the models folder: "ppel"; empty: directly in it
    std::string source; ///< the SQL with its templates
    value::date_order date_order = value::date_order::none; ///< the project's
    materialization materialized = materialization::table;
    std::optional<bool> is_volatile;    ///< as declared; absent: nothing is said
    std::optional<bool> full_refresh;   ///< whatever is asked for; absent: as it is asked for
    bool contract_enforced = false;     ///< its columns are to be those that are declared, with their data_type
    incremental_config incremental;     ///< counts when it is materialized so
    std::vector<index_config> indexes;  ///< each once
    std::optional<publish_way> publish; ///< as said; absent: by difference
    std::optional<limit> max_deletes;   ///< rows that a publication may take away; absent: all
    snapshot_config snapshot;           ///< of a snapshot
    std::vector<std::string>
        reads; ///< nodes that the SQL names beside ref() and source(); filled by who has the server's parser
    std::shared_ptr<const jinja::references> refers; ///< of its template; none: they are not known yet

    bool is(materialization m) const { return materialized == m; }
    publish_way published_by() const { return publish.value_or(publish_way::difference); }
    bool is_snapshot() const { return materialized == materialization::snapshot; }
    std::string kind() const override { return is_snapshot() ? "snapshot" : "model"; }
    std::string materialized_as() const override { return to_text(materialized); }
    place at(const std::string &key) const { return where(key); }
};

/// What is in the project and can't be used: it could not be read, or it hangs on what could not.
struct blocked_node {
    std::string kind; ///< model, snapshot, seed, source, stream or test
    std::string name;
    std::string file, folder;       ///< as a model's; may be empty
    std::vector<std::string> tags;  ///< likewise
    std::vector<std::string> reads; ///< nodes, as far as they are known
    std::string why;                ///< a clause: models/a.sql:3: there is no variable "x"
    bool is_cause = true;           ///< it is what could not be read itself
};

struct singular_test {
    std::string name;    ///< the file's base name
    std::string package; ///< whose it is; empty: the project's own
    std::string file;
    std::string source;
    test_config config;
    std::vector<std::string> reads; ///< as a model's
};

struct function_file {
    std::string file;
    std::string source;
};

struct role_names {
    std::string loader; ///< empty: none named
    std::vector<std::string> readers, observers;
};

struct project {
    std::shared_ptr<const file::root> folder; ///< all its files are of the folder that was opened once
    std::string name;
    std::string package;                 ///< as ref('package', 'model') names it: of a dbt project; else empty
    std::string target_name = "default"; ///< what target.name is in templates
    std::string database;                ///< where it is; empty: not known
    std::string timezone = "UTC";
    value::date_order date_order = value::date_order::none; ///< of streams, seeds, models and functions
    std::string schema = "analytics";                       ///< of seeds and, unless they say otherwise, models
    place schema_at{"barometre.yml"};                       ///< where that was said
    int test_samples = 10;                                  ///< failing rows kept per test
    role_names roles;
    std::shared_ptr<jinja::variables> vars = std::make_shared<jinja::variables>(); ///< of templates
    std::map<std::string, std::shared_ptr<const jinja::variables>> package_vars;   ///< the same in its packages
    std::shared_ptr<std::map<std::string, std::string>> env =
        std::make_shared<std::map<std::string, std::string>>(); ///< of env_var()
    std::shared_ptr<const jinja::macro_library> macros;
    named_list<tap> taps;
    named_list<seed> seeds;
    std::vector<std::string> seed_folders; ///< of the project itself, relative to it
    named_list<model> models;              ///< those that are enabled, snapshots too
    named_list<model> disabled;            ///< the others, which nothing may read
    named_list<seed> disabled_seeds;
    std::vector<source_table> sources;               ///< those that are no stream of a tap
    std::map<std::string, std::string> source_nodes; ///< of those that are one under another name: source.table -> node
    std::map<std::string, place> declared_sources;   ///< source.table, and where it is declared
    std::map<std::string, std::vector<std::string>> described; ///< by properties file, its nodes
    std::vector<hook> on_run_start, on_run_end;                ///< of a dbt project
    std::vector<error> lost_hooks; ///< of on-run-end, that can't be rendered: models are built without them
    named_list<blocked_node> blocked;
    std::vector<model> blocked_models; ///< as far as they could be read: what hangs on tests alone can be looked at
    std::vector<seed> blocked_seeds;
    std::vector<source_table> blocked_sources;
    std::optional<error> blocks_all; ///< because of which nothing is known of models, seeds and tests
    std::shared_ptr<findings> found = std::make_shared<findings>();
    std::vector<singular_test> tests;
    std::vector<unit_test> unit_tests;
    std::vector<function_file> functions; ///< in the order they run: by path
    std::vector<job> jobs;                ///< as the file has them
    std::string hash;                     ///< hex; changes when any file of the project changes, or what is registered
    std::string files_hash;               ///< the same of its files alone
    std::string commit;                   ///< of git, as project/git.h has it; empty: not known
    std::shared_ptr<budget> spending = std::make_shared<budget>(); ///< for as long as this reading of it is used

    /// Folders that are not below `folder`: how each is named, without an end, and what is in it.
    std::map<std::string, std::shared_ptr<const file::root>> outside;
    /// Where a file of the project is: below which folder, and its path there.
    std::pair<std::shared_ptr<const file::root>, std::string> locate(const std::string &file) const;

    const tap *find_tap(const std::string &name) const;
    const stream *find_stream(const std::string &tap, const std::string &name) const;
    const seed *find_seed(const std::string &name) const;
    const model *find_model(const std::string &name) const;
    const relation_node *find_disabled(const std::string &name) const; ///< a model, snapshot or seed
    const seed *find_disabled_seed(const std::string &name) const;
    const job *find_job(const std::string &name) const;
    const source_table *find_source(const std::string &node) const; ///< one that is no stream
    const blocked_node *find_blocked(const std::string &node) const;
    project with_blocked() const; ///< as if nothing were blocked that could be read
    /// The node whose relation has that name; empty: there is none.
    std::string node_called(const std::string &schema, const std::string &relation) const;
    /// The node that source() names; empty: there is none.
    std::string source_node(const std::string &source, const std::string &table) const;
    std::string package_of(const std::string &node) const; ///< by its name, of a model or seed; empty: there is none
    std::vector<std::string> referable() const;            ///< what ref() takes: models, snapshots and seeds
};

/// What was registered by SQL alone, or found in files.
struct registration {
    std::string kind;          ///< stream, model or test; discovered: a stream that files of its tap told of
    std::string name;          ///< of a stream: tap.stream
    std::string query;         ///< of a model or test
    std::string options;       ///< a JSON object with the keys of the project file
    std::string place() const; ///< for messages
};

/// Whether schemas that no project may write into are refused when a project is read, or left to who reads it.
enum class schema_names { refused, unchecked };

/// Reads barometre.yml or dbt_project.yml in `folder`, the *.yml properties beside models and
/// seeds, and all SQL files, adds what is registered, and checks all: unknown keys, wrong types,
/// missing keys, names used twice. Throws barometre::error (project_invalid, or bad_file
/// when a file cannot be read) that names file, line, key and the nearest valid key, when barometre.yml is wrong; what
/// is wrong elsewhere is among the problems that it found, and what can't be used because of it is blocked. When files
/// change meanwhile, it is read again, some times, and then it throws busy: what is given is of one moment.
project read_project(std::shared_ptr<const file::root> folder, const std::vector<registration> &registered = {},
                     schema_names schemas = schema_names::refused, const surroundings &around = {});

} // namespace barometre::project
