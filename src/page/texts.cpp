#include "page/texts.h"
#include "audit/data_test.h"
#include "call/call.h"
#include "core/interrupts.h"
#include "core/json/writer.h"
#include "core/sql/masked.h"
#include "pg/transaction.h"
#include "registry/compile.h"

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

/// Collects texts.
class collection {
public:
    explicit collection(bool masked) : masked_(masked) {}

    void add_model(const project::project &p, const project::model &m, bool is_blocked) {
        json::object one;
        one.add_some("written", shown(m.source));
        if (!is_blocked)
            one.add_some("compiled", shown(made([&] { return registry::compile_lines(p, m.source, m.file).sql; })));
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

    bool masked_;
    json::object all_;
};

} // namespace

std::string texts(const registry::loaded_project &of, bool masked) {
    const project::project &p = of.definition;
    return call::as_owner(of, [&] {
        collection all(masked);
        for (const project::model &m : p.models)
            all.add_model(p, m, false);
        const project::project with_blocked = p.with_blocked();
        for (const project::model &m : with_blocked.models)
            if (!p.find_model(m.name))
                all.add_model(with_blocked, m, true);
        const audit::reading where = audit::published(p);
        for (const audit::data_test &t : audit::select_tests(p, "*"))
            all.add_test(t, where);
        return all.text();
    });
}

} // namespace barometre::page
