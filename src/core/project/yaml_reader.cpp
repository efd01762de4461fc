#include "core/project/yaml_reader.h"
#include "core/error.h"
#include "core/interrupts.h"
#include "core/name/nearest.h"
#include "core/project/dbt/python_yaml.h"
#include "core/project/other_words.h"
#include "core/text/text.h"

#include <yaml-cpp/depthguard.h>

#include <algorithm>
#include <functional>
#include <istream>
#include <set>
#include <streambuf>

namespace barometre::project {

namespace {

constexpr std::size_t largest_yaml = 1 << 20;
constexpr int deepest = 64;

int line_of(const YAML::Node &node) { return node.Mark().line + 1; }

/// A text as yaml-cpp reads it, a piece at a time: between two of them its work can be stopped. Not before the first
/// and after the last: a constructor of yaml-cpp asks for those, which leaks when it is left by an exception.
class text_in_pieces : public std::streambuf {
public:
    text_in_pieces(const std::string &text, const std::function<void()> &between)
        : at_(const_cast<char *>(text.data())), end_(at_ + text.size()), between_(between) {} // nobody writes to it

protected:
    int_type underflow() override {
        if (at_ == end_)
            return traits_type::eof();
        if (eback())
            between_();
        char *begin = std::exchange(at_, at_ + std::min<std::ptrdiff_t>(piece, end_ - at_));
        setg(begin, begin, at_);
        return traits_type::to_int_type(*begin);
    }

private:
    static constexpr std::ptrdiff_t piece = 4096;
    char *at_, *end_;
    const std::function<void()> &between_;
};

/// Aliases make a text larger than it is, without end if one holds itself. A loop, which may stop at any time.
void check_aliases(const YAML::Node &top, const std::string &shown, budget &spending) {
    constexpr std::size_t most_values = 250'000;
    struct level {
        YAML::Node node;
        YAML::const_iterator next, end;
    };
    std::vector<level> open;
    std::size_t values = 0;
    const auto enter = [&](const YAML::Node &node) {
        check_interrupts();
        if (++values > most_values)
            throw error(sqlstate::project_invalid,
                        shown + ": it has more than " + std::to_string(most_values) +
                            " values, with those of its aliases",
                        "", "Write out what is meant, or put it into several files.");
        if (!spending.take_values(1))
            throw error(sqlstate::project_invalid,
                        shown + ": the YAML files of the project have too many values, with those of their aliases", "",
                        "Keep there only what belongs to the project.");
        if (!node.IsSequence() && !node.IsMap())
            return;
        if (open.size() >= deepest)
            throw error(sqlstate::project_invalid,
                        shown + ":" + std::to_string(line_of(node)) + ": nested too deep, with its aliases");
        open.push_back({node, node.begin(), node.end()});
    };
    enter(top);
    while (!open.empty()) {
        level &at = open.back();
        if (at.next == at.end) {
            open.pop_back();
            continue;
        }
        const YAML::Node child = at.node.IsMap() ? at.next->second : YAML::Node(*at.next);
        const YAML::Node key = at.node.IsMap() ? at.next->first : YAML::Node();
        ++at.next;
        if (key.IsSequence() || key.IsMap())
            enter(key);
        enter(child);
    }
}

/// Refuses keys that are there twice, and what no file holds but escapes make: "\0". `what`: the key of the node.
void check_content(const YAML::Node &node, const std::string &shown, const std::string &what) {
    check_interrupts();
    if (node.IsScalar() && node.Scalar().find('\0') != std::string::npos)
        throw error(sqlstate::project_invalid,
                    shown + ":" + std::to_string(line_of(node)) + ":" + std::to_string(node.Mark().column + 1) +
                        ": there is a NUL byte in the " + what,
                    "", R"(In double quotes a backslash is written as "\\".)");
    if (node.IsSequence())
        for (const auto &item : node)
            check_content(item, shown, what);
    if (!node.IsMap())
        return;
    std::map<std::string, int> seen;
    for (const auto &entry : node) {
        if (!entry.first.IsScalar())
            throw error(sqlstate::project_invalid,
                        shown + ":" + std::to_string(line_of(entry.first)) + ": a key must be a word");
        check_content(entry.first, shown, "key");
        auto [first, fresh] = seen.emplace(entry.first.Scalar(), line_of(entry.first));
        if (!fresh)
            throw error(sqlstate::project_invalid,
                        shown + ":" + std::to_string(line_of(entry.first)) + ": key \"" + first->first +
                            "\" is given twice",
                        "It was given before in line " + std::to_string(first->second) + ".", "Remove one of them.");
        check_content(entry.second, shown, first->first);
    }
}

} // namespace

std::string joined(const std::vector<std::string> &names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i)
        out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return out;
}

std::string problem::message() const {
    const std::string lead = at.text() + ":";
    const std::size_t start = why.message.starts_with(lead) ? why.message.find(' ', lead.size()) : std::string::npos;
    return start == std::string::npos ? why.message : why.message.substr(start + 1); // a column may come before it
}

std::string place::text() const { return line ? file + ":" + std::to_string(line) : file; }

yaml_map yaml_map::parse(const std::string &text, const std::string &shown, budget &spending, findings_of found) {
    YAML::Node node = load(text, shown, spending, found);
    if (node.IsNull())
        node = YAML::Node(YAML::NodeType::Map);
    return yaml_map(node, shown, "the file", 0, std::move(found));
}

YAML::Node yaml_map::load(const std::string &text, const std::string &shown, budget &spending,
                          const findings_of &found) {
    if (text.size() > largest_yaml) // of what is registered; files are measured before they are read
        throw error(sqlstate::project_invalid, shown + ": the text is larger than 1 MiB");
    stopwatch since;
    const std::function<void()> between = [&] {
        check_interrupts();
        if (!spending.take_time(since))
            throw error(sqlstate::project_invalid, shown + ": the files of the project take too long to be read", "",
                        "Keep there only what belongs to the project.");
    };
    between();
    YAML::Node node;
    try {
        text_in_pieces pieces(text, between);
        std::istream in(&pieces);
        node = YAML::Load(in);
    } catch (const YAML::DeepRecursion &e) { // of hundreds, which yaml-cpp counts itself
        throw error(sqlstate::project_invalid, shown + ":" + std::to_string(e.mark.line + 1) + ": nested too deep");
    } catch (const YAML::Exception &e) {
        throw error(sqlstate::project_invalid,
                    shown + ":" + std::to_string(e.mark.line + 1) + ": not valid YAML: " + e.msg, "",
                    "Check the indentation, and quote values that contain a colon or begin with a special character.");
    }
    check_aliases(node, shown, spending);
    if (found)
        dbt::as_python_reads(node, shown, *found);
    check_content(node, shown, "text");
    between();
    return node;
}

yaml_map::yaml_map(YAML::Node node, std::string file, std::string what, int line, findings_of found)
    : node_(node), file_(std::move(file)), what_(std::move(what)), line_(line), found_(std::move(found)) {
    if (!node_.IsMap())
        fail(at(node_), what_ + " must be a mapping of keys to values");
}

const yaml_map::key_seen *yaml_map::see(const std::string &key) {
    if (keys_.size() != node_.size()) {
        keys_.clear();
        for (const auto &entry : node_)
            keys_.push_back({entry.first.Scalar(), !entry.second.IsNull()});
    }
    const auto at = std::find_if(keys_.begin(), keys_.end(), [&](const key_seen &k) { return k.word == key; });
    return at == keys_.end() ? nullptr : &*at;
}

void yaml_map::fail(const place &where, const std::string &message, const std::string &detail,
                    const std::string &hint) const {
    throw error(sqlstate::project_invalid, where.text() + ": " + message, detail, hint);
}

YAML::Node yaml_map::find(const std::string &key) const {
    // operator[] on a const node does not add the key.
    const YAML::Node &node = node_;
    YAML::Node found = node[key];
    return found.IsDefined() ? found : YAML::Node(YAML::NodeType::Undefined);
}

place yaml_map::at() const { return at(node_); }

place yaml_map::at(const YAML::Node &node) const { return {file_, node.Mark().is_null() ? line_ : line_of(node)}; }

place yaml_map::at(const std::string &key) const {
    for (const auto &entry : node_)
        if (entry.first.Scalar() == key)
            return at(entry.first);
    return at();
}

bool yaml_map::has(const std::string &key) {
    known_.push_back(key);
    const key_seen *seen = see(key);
    return seen && (!found_ || seen->has_value);
}

YAML::Node yaml_map::raw(const std::string &key) {
    known_.push_back(key);
    return node_[key];
}

std::string yaml_map::scalar(const YAML::Node &value, const std::string &key, const char *wanted) {
    if (!value.IsScalar())
        fail(at(value), "key \"" + key + "\" must be " + wanted, "",
             value.IsNull() ? "Give it a value, or remove the key. If the word NULL or ~ is meant, quote it:  " + key +
                                  ": ['NULL']"
                            : "");
    return value.Scalar();
}

std::string yaml_map::text(const std::string &key) {
    if (!has(key))
        fail(at(), what_ + " lacks the key \"" + key + "\"");
    return scalar(node_[key], key, "a text");
}

std::string yaml_map::text(const std::string &key, const std::string &otherwise) {
    return has(key) ? scalar(node_[key], key, "a text") : otherwise;
}

bool yaml_map::boolean(const std::string &key, bool otherwise) {
    if (!has(key))
        return otherwise;
    const std::string value = scalar(node_[key], key, "true or false");
    if (found_)
        if (const auto read = dbt::boolean_of(value))
            return *read;
    if (value != "true" && value != "false")
        fail(at(key), "key \"" + key + "\" must be true or false", "It is \"" + value + "\".");
    return value == "true";
}

int yaml_map::integer(const std::string &key, int otherwise) {
    if (!has(key))
        return otherwise;
    const std::string value = scalar(node_[key], key, "an integer");
    if (value.empty() || value.size() > 9 || value.find_first_not_of("0123456789") != std::string::npos)
        fail(at(key), "key \"" + key + "\" must be an integer", "It is \"" + value + "\".");
    return std::stoi(value);
}

std::string yaml_map::choice(const std::string &key, const std::vector<std::string> &choices,
                             const std::string &otherwise) {
    const std::string value = text(key, otherwise);
    for (const std::string &c : choices)
        if (c == value)
            return value;
    const std::string near = name::nearest(value, choices);
    fail(at(key), "key \"" + key + "\" can't be \"" + value + "\"", "",
         near.empty() ? "Valid values are " + joined(choices) + "." : "Did you mean \"" + near + "\"?");
}

std::vector<std::string> yaml_map::texts(const std::string &key) {
    std::vector<std::string> out;
    if (!has(key))
        return out;
    YAML::Node value = node_[key];
    if (value.IsSequence())
        for (const auto &item : value)
            out.push_back(scalar(item, key, "a list of texts"));
    else
        out.push_back(scalar(value, key, "a text or a list of texts"));
    return out;
}

yaml_map yaml_map::map(const std::string &key, const std::string &what) {
    if (!has(key))
        return inner(YAML::Node(YAML::NodeType::Map), what);
    return inner(node_[key], what);
}

yaml_map yaml_map::inner(const YAML::Node &node, const std::string &what) const {
    return yaml_map(node, file_, what, line_, found_);
}

std::vector<YAML::Node> yaml_map::items(const std::string &key) {
    if (!has(key))
        return {};
    const YAML::Node list = node_[key];
    if (!list.IsSequence())
        fail(at(key), "key \"" + key + "\" must be a list");
    std::vector<YAML::Node> out;
    for (const auto &item : list)
        out.push_back(item);
    return out;
}

yaml_map yaml_map::named(const YAML::Node &item, const std::string &what) const {
    yaml_map m = inner(item, what);
    m.rename(what + " \"" + m.text("name") + "\"");
    return m;
}

std::vector<yaml_map> yaml_map::maps(const std::string &key, const std::string &what) {
    std::vector<yaml_map> out;
    for (const YAML::Node &item : items(key))
        out.push_back(named(item, what));
    return out;
}

void yaml_map::ignore(const std::vector<std::string> &keys) {
    if (!found_)
        return;
    for (const auto &entry : node_)
        for (const std::string &key : keys)
            if (const std::string word = entry.first.Scalar(); word == key || word == "+" + key) {
                known_.push_back(word);
                found_->ignored(key, at(entry.first), "It has no meaning here.");
            }
}

void yaml_map::finish() const {
    for (const auto &entry : node_) {
        const std::string key = entry.first.Scalar();
        if (text::contains(known_, key))
            continue;
        const std::set<std::string> words(known_.begin(), known_.end());
        const std::vector<std::string> valid(words.begin(), words.end());
        const std::string near = name::nearest(key, valid);
        if (found_) {
            found_->ignored(key, at(entry.first),
                            near.empty() ? "Valid keys are " + joined(valid) + "." : "Did you mean \"" + near + "\"?",
                            !near.empty());
            continue;
        }
        if (const std::string ours = our_word(key, valid); !ours.empty())
            fail(at(entry.first), "unknown key \"" + key + "\" in " + what_, "", "Here it is \"" + ours + "\".");
        fail(at(entry.first), "unknown key \"" + key + "\" in " + what_, "",
             near.empty() ? "Valid keys are " + joined(valid) + "." : "Did you mean \"" + near + "\"?");
    }
}

} // namespace barometre::project
