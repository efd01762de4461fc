#include "core/project/other_words.h"
#include "core/text/text.h"

#include <algorithm>
#include <utility>

namespace barometre::project {

namespace {

struct meaning {
    const char *ours;
    std::vector<const char *> others;
};

const std::vector<meaning> meanings{
    {"after", {"depends_on", "needs"}},
    {"columns", {"column_types", "schema_overrides", "types"}},
    {"delimiter", {"field_delimiter", "sep", "separator"}},
    {"encoding", {"charset", "file_encoding"}},
    {"env", {"env_vars", "environment"}},
    {"escapechar", {"escape", "escape_char"}},
    {"field_names", {"column_names", "header", "headers"}},
    {"freshness", {"loaded_at_field"}},
    {"column", {"loaded_at_field"}},
    {"interval", {"cron", "crontab", "schedule"}},
    {"jobs", {"schedules", "tasks"}},
    {"key_properties", {"key", "keys", "primary_key", "primary_keys", "table_key_properties", "unique_key"}},
    {"map", {"mapping", "mappings", "stream_maps"}},
    {"name", {"entity", "identifier", "table", "table_name"}},
    {"nulls", {"na_values", "null", "null_string", "null_values"}},
    {"on_failure", {"continue_on_error", "fail_fast", "on_error"}},
    {"path", {"directory", "dir", "folder"}},
    {"paths", {"macro-paths", "model-paths", "seed-paths", "snapshot-paths", "test-paths"}},
    {"pattern", {"file", "filename", "files", "glob", "search_pattern"}},
    {"quotechar", {"quote", "quote_char", "quote_character"}},
    {"records_path", {"json_path"}},
    {"retries", {"retry"}},
    {"skip_initial", {"header_lines", "skip_header", "skip_lines", "skip_rows", "skiprows"}},
    {"steps", {"tasks"}},
    {"streams", {"entities", "files", "tables"}},
    {"taps", {"extractors", "plugins", "sources"}},
    {"timezone", {"time_zone", "tz"}},
};

} // namespace

std::string our_word(const std::string &word, const std::vector<std::string> &valid) {
    for (const meaning &m : meanings)
        if (text::contains(valid, m.ours) &&
            std::any_of(m.others.begin(), m.others.end(), [&](const char *one) { return word == one; }))
            return m.ours;
    return "";
}

} // namespace barometre::project
