#include "model/transform/verdict.h"
#include "audit/unit_test.h"
#include "core/error.h"
#include "core/text/text.h"
#include "pg/messages.h"
#include "pg/spi.h"
#include "pg/transaction.h"
#include "registry/compile.h"

namespace barometre::model::transform {

namespace {

/// The SQL that reads what was built; the private views that it needs live on, unless one of them is wrong.
std::string resolve(workshop &shop, const std::string &sql) {
    const std::size_t mark = shop.mark();
    std::string resolved;
    try {
        pg::in_subtransaction([&] { resolved = shop.resolve(sql); });
    } catch (...) {
        shop.undone(mark);
        throw;
    }
    return resolved;
}

std::string shown(const audit::data_test &t) {
    return (t.is_unit ? "unit test " : "test ") + t.name + " of " + t.target;
}

std::string cannot_run(const audit::data_test &t) { return shown(t) + " could not be run"; }

std::string found_by(const audit::data_test &t, const audit::outcome &o) {
    return o.status == "error" ? cannot_run(t) + ": " + o.message
                               : shown(t) + ": " + (o.message.empty() ? audit::counted(t, o.failures) : o.message);
}

} // namespace

audit::reading private_reading(work &w, const omissions &out) {
    return {[&](const std::string &sql) { return resolve(w.shop, sql); },
            [&](const std::string &node) { return is_there(w, out, node); }};
}

bool verdict::hear(const audit::data_test &t, const audit::outcome &o, std::string &what) {
    if (o.status == "pass")
        return false;
    w_.tests.push_back(audit::step_of(t, o));
    if (o.status == "skip")
        return false;
    what = found_by(t, o);
    pg::warning(what, "SELECT sample FROM barometre.test_result WHERE run = " + std::to_string(w_.memory.id()) +
                          " AND target = " + pg::quote_literal(t.target) + ";" +
                          (t.is_guard ? "  To let them go, set  max_deletes: 100%  of the model." : ""));
    // Told, and not kept: values are for who may test.
    if (const auto rows = audit::differing_rows(o); !rows.empty())
        pg::notice(text::join(rows, "\n"));
    if (!o.bad() || (o.status == "error" && t.config.severity == project::severity::warn))
        return false;
    text::append(failing_, what, "; ");
    if (o.status == "error") // which may quote a value, and who observes reads why a model was not built
        what = cannot_run(t);
    ++(t.is_unit ? units_ : t.is_guard ? guards_ : data_);
    if (names_.size() < 3)
        names_.push_back(t.name + " of " + t.target);
    return true;
}

void verdict::fail() const {
    throw error(sqlstate::test_failed,
                "a test failed, and nothing was published: " + text::join(names_) +
                    (units_ + guards_ + data_ > names_.size() ? ", ..." : ""),
                text::sentence("Failing: " + failing_),
                "SELECT target, test, sample FROM barometre.test_result WHERE run = " + std::to_string(w_.memory.id()) +
                    " AND status IN ('fail', 'error'); shows rows. " +
                    (guards_ + data_ == 0
                         ? "Correct the model, or what its unit test says."
                         : "Correct the data or the model" +
                               std::string(data_ > 0 ? ", or give the test severity: warn" : "") +
                               (guards_ > 0 ? ", or let rows go with  max_deletes: 100%  in the model" : "") + "."));
}

} // namespace barometre::model::transform
