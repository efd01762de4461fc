#include "core/graph/words_of_dbt.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace barometre::graph {

namespace {

using words = std::vector<const char *>;

const std::vector<std::pair<words, const char *>> methods_of_dbt{
    {{"state"},
     "What changed since it was built is found by each call: CALL baro_transform();  builds that and what reads it, "
     "and  SELECT * FROM baro_ls();  shows it."},
    {{"source_status"},
     "What reads new data is found by each call: CALL baro_transform();  builds that. How old sources are is in "
     "barometre.freshness."},
    {{"freshness"}, "How old data are is in  SELECT * FROM barometre.freshness;  and baro_test() measures sources."},
    {{"result"},
     "What failed is in  SELECT * FROM barometre.failures;  and the next call builds what is not as it "
     "should be."},
    {{"fqn", "file"}, "Write the name without the word, or path: before the file."},
    {{"package"}, "Of a package, write path: before its folder."},
    {{"config", "config.meta", "config.severity", "config.enabled", "config.unique_key", "config.incremental_strategy"},
     "Of the configuration, config.materialized, config.schema and config.tags select."},
    {{"access", "exposure", "group", "metric", "saved_query", "semantic_model", "version"},
     "It has no meaning here: select by tag: or path:."}};

const std::vector<std::pair<words, const char *>> options_of_dbt{
    {{"--select", "-s", "--models", "--model", "-m", "--selector"}, "The selection is the text alone: 'x+ tag:y'."},
    {{"--exclude"}, "That is an argument of its own:  CALL baro_transform('*', exclude => 'x');"},
    {{"--full-refresh", "-f"}, "That is an argument of its own:  CALL baro_transform('x', full_refresh => true);"},
    {{"--fail-fast", "-x"}, "That is how it is, unless  on_failure => 'skip'  is said."},
    {{"--vars", "--var"}, "Write them into \"vars\" of the project file: results depend on the project alone."},
    {{"--target", "-t", "--profile", "--profiles-dir"},
     "Write  target: {name: ..., schema: ...}  into barometre.yml, or set barometre.target_schema."},
    {{"--state", "--defer"}, "What changed is found by each call:  CALL baro_transform();"},
    {{"--resource-type", "--resource-types"}, "Write  resource_type:model  for it."}};

std::string found(const std::vector<std::pair<words, const char *>> &in, const std::string &word) {
    for (const auto &[known, instead] : in)
        if (std::any_of(known.begin(), known.end(), [&](const char *one) { return word == one; }))
            return instead;
    return "";
}

} // namespace

std::string instead_of_method(const std::string &method) { return found(methods_of_dbt, method); }

std::string instead_of_option(const std::string &word) {
    if (!word.starts_with('-') || word == "-")
        return "";
    const std::string known = found(options_of_dbt, word.substr(0, word.find('=')));
    return known.empty() ? "Options of a command line are arguments here:  SELECT * FROM baro_help();" : known;
}

} // namespace barometre::graph
