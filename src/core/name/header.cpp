#include "core/name/header.h"
#include "core/name/column_name.h"
#include "core/text/hash.h"
#include "core/text/text.h"

#include <map>
#include <set>

namespace barometre::name {

namespace {

struct field {
    std::string text, derived{}, as_written{}; ///< as_written: the name that is made from the cell with its white space
    int others = 0;                            ///< fields of the file with the same derived name
    std::string why{};                         ///< its derived name is not enough; empty: it is
};

/// "nae" + "_3", "_3_2": what 0.1.0 made of a name that was taken, reserved or too long.
bool is_by_place(std::string_view name, std::string_view derived) {
    const std::string_view base = derived.empty() ? "column" : derived;
    const std::size_t digits = name.find_last_not_of("0123456789_");
    const std::size_t kept = digits == std::string_view::npos ? 0 : digits + 1;
    for (std::size_t at = std::max<std::size_t>(kept, 1); at + 1 < name.size(); ++at)
        if (name[at] == '_' && name[at + 1] != '_' &&
            (name.substr(0, at) == base || (base.size() + name.size() - at > longest_name &&
                                            base.starts_with(name.substr(0, at)) && name.size() + 4 > longest_name)))
            return true;
    return false;
}

class naming {
public:
    naming(const std::vector<std::string> &header, const std::vector<known_field> &known,
           const std::vector<std::string> &reserved, rule how)
        : known_(known), reserved_(reserved.begin(), reserved.end()), used_(known.size()) {
        std::map<std::string, int> derived, said;
        for (const std::string &cell : header) {
            field f{.text = how == rule::key ? cell : trimmed(cell),
                    .as_written = how == rule::key ? key_name(cell) : column_name(cell)};
            f.derived = how == rule::key ? f.as_written : column_name(f.text);
            ++derived[f.derived];
            // Only field_names can say the same twice: which of them it is says the list.
            if (const int before = ++said[f.text]; before > 1 && !f.text.empty())
                f.text += '\x1f' + std::to_string(before);
            fields_.push_back(std::move(f));
        }
        for (field &f : fields_)
            f.others = derived[f.derived] - 1;
        for (std::size_t k = 0; k < known.size(); ++k)
            if (!known[k].derived.empty())
                by_derived_.emplace(known[k].derived, k);
            else if (is_untold(k))
                by_derived_.emplace(text::hash(known[k].name), k);
        for (std::size_t k = 0; k < known.size(); ++k)
            if (is_untold(k))
                untold_.push_back(k);
        header_ = hash_of_header();
        out_.names.resize(header.size());
        out_.known.assign(header.size(), is_new);
    }

    named_header run() {
        find_texts();
        find_nameless();
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (!fields_[i].derived.empty() && out_.known[i] == is_new)
                find_derived(i);
        for (std::size_t i = 0; i < fields_.size() && !out_.doubt; ++i)
            if (out_.known[i] == is_new || is_untold(out_.known[i]))
                look_for_doubt(i);
        if (out_.doubt)
            return std::move(out_);
        name_new();
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const bool is_nameless = fields_[i].text.empty();
            out_.fields.push_back({out_.names[i], is_nameless ? "" : text::hash(fields_[i].text),
                                   text::hash(fields_[i].derived), is_nameless ? header_ : ""});
        }
        return std::move(out_);
    }

private:
    std::string hash_of_header() const {
        std::string all;
        for (const field &f : fields_)
            all += std::to_string(f.text.size()) + ":" + f.text;
        return text::hash(all);
    }

    bool is_untold(std::size_t k) const {
        return known_[k].text.empty() && known_[k].derived.empty() && known_[k].header.empty();
    }

    void take(std::size_t i, std::size_t k) {
        out_.known[i] = k;
        out_.names[i] = known_[k].name;
        used_[k] = true;
    }

    void find_texts() {
        std::map<std::string, std::size_t> by_text;
        for (std::size_t k = 0; k < known_.size(); ++k)
            if (!known_[k].text.empty())
                by_text.emplace(known_[k].text, k);
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (!fields_[i].text.empty())
                if (const auto same = by_text.find(text::hash(fields_[i].text)); same != by_text.end())
                    take(i, same->second);
    }

    /// Those of one header, in its order.
    void find_nameless() {
        std::vector<std::string> others;
        std::size_t k = 0;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (!fields_[i].text.empty())
                continue;
            while (k < known_.size() && known_[k].header != header_)
                ++k;
            if (k < known_.size()) {
                take(i, k++);
                continue;
            }
            for (const known_field &other : known_)
                if (!other.header.empty() && other.counts && !other.name.empty())
                    others.push_back(other.name);
            if (!others.empty())
                out_.doubt = {i + 1, others};
            return;
        }
    }

    /// Known fields with the derived name of field `i`, but for itself: not more than two, since that is not one.
    std::vector<std::size_t> alike(std::size_t i) const {
        std::vector<std::size_t> out;
        const auto [first, last] = by_derived_.equal_range(text::hash(fields_[i].derived));
        for (auto k = first; k != last && out.size() < 2; ++k)
            if (k->second != out_.known[i])
                out.push_back(k->second);
        return out;
    }

    void find_derived(std::size_t i) {
        const field &f = fields_[i];
        const std::vector<std::size_t> same = alike(i);
        if (same.size() == 1 && f.others == 0 && !used_[same[0]]) {
            take(i, same[0]);
        } else if (same.empty() && f.as_written != f.derived) {
            // 0.1.0 made "_name" of " name".
            const auto old = by_derived_.find(text::hash(f.as_written));
            if (old != by_derived_.end() && is_untold(old->second) && !used_[old->second])
                take(i, old->second);
        }
    }

    /// Whether a column that no field took may be this one's, by a place in an unknown header.
    void look_for_doubt(std::size_t i) {
        std::vector<std::string> others;
        for (const std::size_t k : untold_)
            if (!used_[k] && (known_[k].name == fields_[i].derived || is_by_place(known_[k].name, fields_[i].derived)))
                others.push_back(known_[k].name);
        if (!others.empty())
            out_.doubt = {i + 1, others};
    }

    std::string name_at(std::size_t i, int level) const {
        const field &f = fields_[i];
        const std::string plain = f.text.empty() ? "column_" + std::to_string(i + 1) : f.derived;
        if (level == 0)
            return plain;
        const std::string mark = text::hash(f.text.empty() ? header_ : f.text).substr(0, std::size_t{4} << level);
        const std::string base = plain.empty() ? "column" : plain;
        return std::string(text::cut(base, longest_name - 1 - mark.size())) + "_" + mark;
    }

    void name_new() {
        std::set<std::string> taken = reserved_;
        for (const known_field &k : known_)
            taken.insert(k.name);
        std::vector<std::size_t> open;
        std::vector<int> level(fields_.size());
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (!out_.names[i].empty())
                continue;
            open.push_back(i);
            field &f = fields_[i];
            if (f.text.empty())
                f.why = "its name is empty";
            else if (f.derived.empty())
                f.why = "its name has neither letters nor digits";
            else if (f.derived.size() > longest_name)
                f.why = "its name has " + std::to_string(f.derived.size()) + " bytes, more than 63";
            else if (reserved_.count(f.derived))
                f.why = "the name \"" + f.derived + "\" is reserved";
            else if (f.others > 0 || !alike(i).empty() || taken.count(f.derived))
                f.why = "another column is called \"" + f.derived + "\"";
            level[i] = !f.why.empty() && !f.text.empty();
        }
        // A name with a hash may be what another header says in full.
        for (bool again = true; again;) {
            again = false;
            std::map<std::string, std::vector<std::size_t>> by_name;
            for (const std::size_t i : open)
                by_name[out_.names[i] = name_at(i, level[i])].push_back(i);
            for (const auto &[name, same] : by_name)
                if (same.size() > 1 || taken.count(name))
                    for (const std::size_t i : same)
                        if (level[i] < 3) {
                            ++level[i];
                            again = true;
                            if (fields_[i].why.empty())
                                fields_[i].why = "another column is called \"" + name + "\"";
                        }
        }
        for (const std::size_t i : open)
            if (!fields_[i].why.empty())
                out_.renamed.push_back({i + 1, out_.names[i], fields_[i].why});
    }

    const std::vector<known_field> &known_;
    const std::set<std::string> reserved_;
    std::vector<bool> used_;
    std::vector<field> fields_;
    std::string header_; ///< its hash
    std::multimap<std::string, std::size_t> by_derived_;
    std::vector<std::size_t> untold_; ///< known fields
    named_header out_;
};

} // namespace

named_header name_fields(const std::vector<std::string> &header, const std::vector<known_field> &known,
                         const std::vector<std::string> &reserved, rule how) {
    return naming(header, known, reserved, how).run();
}

} // namespace barometre::name
