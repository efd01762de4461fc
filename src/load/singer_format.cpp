#include "load/singer_format.h"
#include "core/text/text.h"
#include "load/singer_input.h"

namespace barometre::load {

std::shared_ptr<const singer::content>
singer_format::content_of(const pg::data_file &file,
                          const std::function<bool(const std::string &stream)> &reads) const {
    return pg::reading(file, [&] {
        const pg::data_file opened = pg::open_file(file);
        bytes::coding how;
        how.most = most;
        how = look_at(opened, how, "Singer", true).coding;
        return std::make_shared<singer::content>(singer::read_content(pg::descriptor_of(opened), how, flatten, reads));
    });
}

std::shared_ptr<const file_format> singer_format::settle(const pg::data_file &file) const {
    auto settled = std::make_shared<singer_format>(*this);
    const auto held = contents->find(file.name);
    settled->held_ = held != contents->end()
                         ? held->second
                         : content_of(file, [&](const std::string &name) { return name == stream; });
    return settled;
}

std::unique_ptr<record_input> singer_format::open(const input_file &input) const {
    return std::make_unique<singer_input>(input, *this);
}

std::vector<singer::property> singer_format::fields_of(const singer::content &held) const {
    const singer::stream_content *s = held.find(stream);
    std::vector<singer::property> out;
    if (!s)
        return out;
    for (const singer::property &p : s->properties) {
        if (part == parts::mark ? !text::contains(key, p.name)
                                : !select.empty() && !text::contains(select, p.name) && !text::contains(s->key, p.name))
            continue;
        out.push_back(p);
        if (const auto said = types.find(p.name); said != types.end())
            out.back().type = said->second;
    }
    return out;
}

void singer_format::add_to(text::parts &parts) const {
    parts << "singer" << select << (add_metadata_columns ? "metadata" : "") << (hard_delete ? "deletes" : "")
          << std::to_string(flatten) << (blank_is_null ? "blank" : "") << folded_encodings();
}

std::string singer_format::record_hint() const {
    return "Give the column another type with the key \"columns\" in barometre.yml, or raise max_rejects; ";
}

} // namespace barometre::load
