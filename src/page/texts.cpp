#include "page/texts.h"
#include "audit/data_test.h"
#include "call/call.h"
#include "core/interrupts.h"
#include "core/json/writer.h"
#include "core/sql/masked.h"
#include "pg/transaction.h"
#include "registry/compile.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace barometre::page {

namespace {

/// What `make` gives; empty if it fails: why is told where it is run. What templates ask the server may change nothing.
std::string made(const std::function<std::string()> &make) {
    check_interrupts();
    std::string out;
    try {
        pg::reading_only([&] { out = make(); });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
    }
    return out;
}

template <class See> void each_line(std::string_view text, See &&see) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        see(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

/// The lines of a text, as a JSON array: those that `written` has, too, as the places of the first such line there.
std::string lines_of(const std::string &text, const std::string &written) {
    std::map<std::string_view, std::size_t> known;
    std::size_t place = 0;
    each_line(written, [&](std::string_view line) { known.emplace(line, place++); });
    json::array out;
    each_line(text, [&](std::string_view line) {
        const auto found = known.find(line);
        out.raw(found == known.end() ? json::quoted(line) : std::to_string(found->second));
    });
    return out.text();
}

/// Collects texts.
class collection {
public:
    collection(bool masked, bool brief) : masked_(masked), brief_(brief) {}

    void add_model(const project::project &p, const project::model &m, bool is_blocked) {
        const std::string written = masked_ ? sql::masked_template(m.source) : m.source;
        json::object one;
        one.add_some("written", written);
        if (!is_blocked)
            if (const std::string sql = shown(made([&] { return registry::compile_lines(p, m.source, m.file).sql; }));
                !sql.empty())
                one.raw("compiled", brief_ ? lines_of(sql, written) : json::quoted(sql));
        all_.raw(m.kind() + "." + m.name, one.text());
    }
    void add_test(const audit::data_test &t, const audit::reading &where) {
        if (t.is_guard || t.wrong)
            return;
        if (const std::string sql = shown(made([&] { return audit::query_of(t, where); })); !sql.empty())
            all_.raw("test." + t.target + " " + t.name, json::object().add("sql", sql).text());
    }
    std::string text() const { return all_.text(); }

private:
    std::string shown(const std::string &sql) const { return masked_ ? sql::masked(sql) : sql; }

    bool masked_, brief_;
    json::object all_;
};

} // namespace

std::string texts(const registry::loaded_project &of, bool masked, bool brief) {
    const project::project &p = of.definition;
    return call::as_owner(of, [&] {
        collection all(masked, brief);
        for (const project::model &m : p.models)
            all.add_model(p, m, false);
        for (const project::model &m : p.blocked_models)
            if (!p.find_model(m.name))
                all.add_model(p, m, true);
        const audit::reading where = audit::published(p);
        for (const audit::data_test &t : audit::select_tests(p, "*"))
            all.add_test(t, where);
        return all.text();
    });
}

} // namespace barometre::page
