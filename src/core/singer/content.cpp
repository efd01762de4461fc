#include "core/singer/content.h"
#include "core/interrupts.h"
#include "core/json/line_source.h"
#include "core/text/text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace barometre::singer {

namespace {

using json::tree;

constexpr char correct_file[] = "Run the extraction again, and move its file into the folder once it is whole";

std::string shown(std::string_view text) { return text::quoted(text::legible(text::shortened(text, 100))); }

bool is_blank_line(std::string_view line) { return line.find_first_not_of(json::blanks) == std::string_view::npos; }

class reading {
public:
    reading(content &out, std::size_t flatten, const std::function<bool(const std::string &)> &reads)
        : out_(out), flatten_(flatten), reads_(reads) {}

    void take(std::string_view line, std::uint64_t number, bool is_last) {
        number_ = number;
        if (!is_last)
            if (const auto stream = out_.lines.stream_of(line)) {
                if (stream != last_name_) {
                    last_name_ = *stream;
                    last_ = find(last_name_);
                    skips_ = last_ && reads_(last_name_);
                }
                if (skips_) {
                    count_record(*last_);
                    return;
                }
            }
        const auto bad = reader_.read(line, 1, message_);
        // A record with a value that no text can hold: who reads it rejects it.
        if (bad && !(bad->of_value && !is_last && is_record_line()))
            fail((is_last ? "the last line is not complete: " : "it is no JSON: ") + bad->reason);
        const std::string type = text_of("type");
        if (type == "RECORD")
            take_record(line, bad.has_value());
        else if (type == "SCHEMA")
            take_schema();
        else if (type == "STATE")
            take_state();
        else if (type == "ACTIVATE_VERSION")
            take_version();
        else if (type == "BATCH")
            fail("BATCH messages are not supported", "Switch batches off in the configuration of the tap");
        else
            fail("the type " + shown(type) + " is none of SCHEMA, RECORD, STATE and ACTIVATE_VERSION");
    }

    void finish() {
        for (std::size_t i = 0; i < out_.streams.size(); ++i)
            if (!faults_[i].empty() && out_.streams[i].records == 0)
                out_.streams[i].properties.clear(); // as if it had not been there
        for (stream_content &s : out_.streams)
            if (s.in_force.size() == 1)
                s.in_force.clear();
        for (stream_content &s : out_.streams)
            if (const auto version = active_.find(s.name); version != active_.end())
                s.active_version = version->second;
    }

    [[noreturn]] void fail(const std::string &clause, const std::string &remedy = {}) const {
        throw fault_in_line(number_, clause, remedy);
    }

private:
    const tree &member(const char *key, tree::kinds kind, const char *what) const {
        const tree *found = nullptr;
        for (const auto &[name, value] : message_.members)
            if (name == key) {
                if (found)
                    fail("the message has the key \"" + std::string(key) + "\" twice");
                found = &value;
            }
        if (!found)
            fail("the message lacks the key \"" + std::string(key) + "\"");
        if (!found->is(kind))
            fail("the key \"" + std::string(key) + "\" of the message is no " + what);
        return *found;
    }
    const std::string &text_of(const char *key) const { return member(key, tree::kinds::text, "text").text; }

    std::size_t *find(const std::string &name) {
        const auto at = places_.find(name);
        return at == places_.end() ? nullptr : &at->second;
    }

    void count_record(std::size_t place) {
        if (!faults_[place].empty())
            fail("a RECORD of stream " + shown(out_.streams[place].name) + ", whose SCHEMA in line " +
                 std::to_string(out_.streams[place].schema_line) + " " + faults_[place]);
        ++out_.streams[place].records;
    }

    bool is_record_line() const {
        const auto &members = message_.members;
        return members.size() > 2 && members[0].key == "type" && members[0].value.text == "RECORD" &&
               members[1].key == "stream";
    }

    void take_record(std::string_view line, bool is_bad) {
        const tree &stream = member("stream", tree::kinds::text, "text");
        if (!is_bad)
            member("record", tree::kinds::object, "object");
        const std::size_t *place = find(stream.text);
        if (!place)
            fail("a RECORD of stream " + shown(stream.text) + " before its SCHEMA");
        count_record(*place);
        if (is_record_line() && stream.raw.size() == stream.text.size() + 2)
            out_.lines.learn(line, stream.raw.substr(1));
    }

    void take_schema() {
        const std::string &name = text_of("stream");
        if (name.empty())
            fail("the name of the stream is empty");
        const tree &schema = member("schema", tree::kinds::object, "object");
        tree whole;
        if (const auto bad = schemas_.read(schema.raw, json::deepest, whole))
            fail("its schema can't be read: " + bad->reason);
        const auto [known, is_new] = places_.emplace(name, out_.streams.size());
        if (is_new) {
            out_.streams.push_back({name, {}, {}, {}, static_cast<std::int64_t>(number_), 0, std::nullopt});
            faults_.emplace_back();
            if (out_.streams.size() > most_streams)
                fail("the file has more than " + std::to_string(most_streams) + " streams");
        }
        stream_content &s = out_.streams[known->second];
        std::string &fault = faults_[known->second];
        fault.clear();
        std::vector<property> more = properties_of(whole, flatten_);
        if (more.empty())
            fault = "has no properties";
        std::vector<std::string> key;
        if (!read_key(key))
            fault = "has no list \"key_properties\" of texts";
        if (fault.empty() && !s.properties.empty() &&
            !std::is_permutation(key.begin(), key.end(), s.key.begin(), s.key.end()))
            fail("the SCHEMA of stream " + shown(name) + " has another key than the one in line " +
                     std::to_string(s.schema_line) + ": " + list(key) + " instead of " + list(s.key),
                 "Give the stream key_properties in barometre.yml, or leave the file out");
        if (fault.empty())
            s.key = key;
        else
            s.schema_line = static_cast<std::int64_t>(number_);
        std::set<std::string> names;
        for (const property &p : more)
            names.insert(p.name);
        if (s.in_force.empty() || s.in_force.back().second != names)
            s.in_force.emplace_back(number_, std::move(names));
        add_properties(s, std::move(more));
        last_name_.clear();
    }

    static void add_properties(stream_content &s, std::vector<property> more) {
        std::map<std::string_view, property *> known;
        for (property &p : s.properties)
            known.emplace(p.name, &p);
        std::vector<property> fresh;
        for (property &p : more)
            if (const auto before = known.find(p.name); before != known.end())
                before->second->type = continued(before->second->type, p.type);
            else
                fresh.push_back(std::move(p));
        s.properties.insert(s.properties.end(), fresh.begin(), fresh.end());
    }

    bool read_key(std::vector<std::string> &key) const {
        const tree *said = message_.find("key_properties");
        if (!said || !said->is(tree::kinds::array))
            return false;
        tree whole;
        if (keys_.read(said->raw, 1, whole))
            return false;
        for (const tree &one : whole.elements) {
            if (!one.is(tree::kinds::text))
                return false;
            if (!text::contains(key, one.text))
                key.push_back(one.text);
        }
        return true;
    }

    static std::string list(const std::vector<std::string> &key) {
        return key.empty() ? "none" : text::join(key, ", ", shown);
    }

    void take_state() {
        const tree *value = message_.find("value");
        if (!value)
            fail("the STATE lacks the key \"value\"");
        out_.state = value->is(tree::kinds::null) ? "{}" : std::string(value->raw);
    }

    void take_version() {
        const std::string &name = text_of("stream");
        const tree &said = member("version", tree::kinds::number, "number");
        std::int64_t version = 0;
        const char *const end = said.raw.data() + said.raw.size();
        const auto [at, fault] = std::from_chars(said.raw.data(), end, version);
        if (at != end || fault != std::errc())
            fail("the version " + shown(said.raw) + " is no whole number");
        active_[name] = version; // which may come before the SCHEMA, and without one
    }

    /// Each is a table.
    static constexpr std::size_t most_streams = 10000;

    content &out_;
    const std::size_t flatten_;
    const std::function<bool(const std::string &)> &reads_;
    json::tree_reader reader_, schemas_;
    mutable json::tree_reader keys_;
    tree message_;
    std::map<std::string, std::size_t> places_; ///< of streams
    std::map<std::string, std::int64_t> active_;
    std::vector<std::string> faults_; ///< of their last SCHEMA, which only its records need
    std::string last_name_;
    std::size_t *last_ = nullptr;
    bool skips_ = false;
    std::uint64_t number_ = 0;
};

} // namespace

const stream_content *content::find(const std::string &name) const {
    for (const stream_content &s : streams)
        if (s.name == name)
            return &s;
    return nullptr;
}

bytes::unreadable fault_in_line(std::uint64_t line, const std::string &clause, const std::string &remedy) {
    return {"line " + std::to_string(line) + ": " + clause, remedy.empty() ? correct_file : remedy};
}

content read_content(int descriptor, const bytes::coding &how, std::size_t flatten,
                     const std::function<bool(const std::string &stream)> &reads) {
    content out;
    out.coding = how;
    const auto seen = std::make_shared<bytes::read_progress>();
    json::line_source lines(descriptor, how, seen, 0);
    reading in(out, flatten, reads);
    std::uint64_t number = 0;
    while (lines.next()) {
        if (++number % 1024 == 0)
            check_interrupts();
        if (lines.is_too_long())
            throw fault_in_line(lines.number(), "it is longer than 64 MiB");
        if (!is_blank_line(lines.text()))
            in.take(lines.text(), lines.number(), !lines.has_end());
    }
    in.finish();
    out.bytes = static_cast<std::int64_t>(seen->bytes);
    out.hash = seen->digest();
    out.unpacked = seen->unpacked_digest();
    return out;
}

} // namespace barometre::singer
