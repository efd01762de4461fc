#include "core/project/meltano/mappings.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/text/text.h"

namespace barometre::project::meltano {

namespace {

bool is_null(const YAML::Node &node) { return node.IsNull() || (node.IsScalar() && node.Scalar() == "__NULL__"); }

bool is_word(const std::string &text) {
    return !text.empty() && text.find_first_of("()[]{}'\"+*/<>=!,;:%&|\\ \t\n") == std::string::npos;
}

mapped read_stream_map(const YAML::Node &fields, const std::string &stream, const yaml_map &in) {
    mapped out{.source = stream, .name = stream, .map = YAML::Node(YAML::NodeType::Map), .keys = {}};
    for (const auto &entry : fields) {
        check_interrupts();
        const std::string key = entry.first.Scalar();
        const place at = in.at(entry.first);
        const auto refuse = [&](const std::string &message, const std::string &hint) {
            in.fail(at, message + " of stream \"" + stream + "\"", "", hint);
        };
        const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
        if (key == "__else__" && is_null(entry.second)) {
            out.map.force_insert(entry.first, YAML::Node(YAML::NodeType::Null));
        } else if (key == "__alias__" && is_word(value)) {
            out.name = value;
        } else if (key == "__source__" && is_word(value)) {
            out.source = value;
        } else if (key == "__key_properties__" && (entry.second.IsSequence() || entry.second.IsNull())) {
            out.has_keys = true;
            for (const auto &item : entry.second)
                if (item.IsScalar())
                    out.keys.push_back(item.Scalar());
        } else if (key == "__filter__") {
            refuse("key \"__filter__\" is an expression of Python, which can't be used in the mapping",
                   "Load all records, and leave them out in a model:  select ... where ...");
        } else if (key.starts_with("__") && key.ends_with("__")) {
            refuse("key \"" + key + "\" can't be " + (value.empty() ? "that" : text::quoted(value)) + " in the mapping",
                   "Known are __else__: null, __alias__, __source__ and __key_properties__.");
        } else if (is_null(entry.second)) {
            out.map.force_insert(entry.first, YAML::Node(YAML::NodeType::Null));
        } else if (is_word(value) ||
                   (value.starts_with("md5(") && value.ends_with(")") && is_word(value.substr(4, value.size() - 5)))) {
            out.map.force_insert(entry.first, entry.second);
        } else {
            refuse("field \"" + key + "\" is an expression of Python, which can't be used in the mapping",
                   "Four work: the name of a field, md5(field), null and __NULL__. Compute others in a model.");
        }
    }
    return out;
}

} // namespace

std::vector<mapped> map_streams(const YAML::Node &stream_maps, const std::vector<std::string> &streams,
                                const yaml_map &in) {
    std::vector<mapped> out;
    for (const std::string &stream : streams) {
        const YAML::Node fields = stream_maps.IsDefined() && stream_maps.IsMap()
                                      ? stream_maps[stream]
                                      : YAML::Node(YAML::NodeType::Undefined);
        if (!fields.IsDefined())
            out.push_back({stream, stream, YAML::Node(YAML::NodeType::Undefined), {}});
        else if (fields.IsMap())
            out.push_back(read_stream_map(fields, stream, in));
        else if (!is_null(fields))
            in.fail(in.at(fields), "the mapping of stream \"" + stream + "\" must be a mapping of fields, or null");
    }
    if (stream_maps.IsDefined() && stream_maps.IsMap())
        for (const auto &entry : stream_maps) { // streams that are made of others
            const std::string name = entry.first.Scalar();
            if (text::contains(streams, name) || !entry.second.IsMap() || !entry.second["__source__"].IsDefined())
                continue;
            mapped one = read_stream_map(entry.second, name, in);
            if (text::contains(streams, one.source))
                out.push_back(std::move(one));
        }
    return out;
}

} // namespace barometre::project::meltano
