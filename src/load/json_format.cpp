#include "load/json_format.h"
#include "core/error.h"
#include "core/json/look.h"
#include "load/json_input.h"

namespace barometre::load {

std::shared_ptr<const file_format> json_format::settle(const pg::data_file &file) const {
    return pg::reading(file, [&] {
        auto settled = std::make_shared<json_format>(*this);
        const pg::data_file opened = pg::open_file(file);
        settled->dialect.coding = look_at(opened, dialect.coding, "JSON", true).coding;
        const json::look found = json::look_at(pg::descriptor_of(opened), settled->dialect);
        if (!found.fault.empty())
            throw error(sqlstate::bad_file, "file \"" + file.name + "\" " + found.fault, "",
                        found.remedy + "; nothing of this run was kept.");
        return settled;
    });
}

std::unique_ptr<record_input> json_format::open(const input_file &input) const {
    return std::make_unique<json_input>(input, *this);
}

void json_format::add_to(text::parts &parts) const {
    parts << (dialect.lines ? "jsonl" : "json") << json::shown(dialect.records_path) << dialect.levels << dialect.leaf
          << std::to_string(dialect.flatten) << (dialect.blank_is_null ? "blank" : "") << folded_encodings();
}

std::string json_format::advice() const { return "the keys \"format\" and \"records_path\" of the stream"; }

std::string json_format::record_hint() const {
    return "Correct the file, or the keys \"format\" and \"records_path\" in barometre.yml, or raise max_rejects; ";
}

} // namespace barometre::load
