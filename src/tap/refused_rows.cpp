#include "tap/refused_rows.h"
#include "load/csv_input.h"
#include "pg/cancels.h"

#include <map>

namespace barometre::tap {

namespace {

/// So many are sought in the files at a time.
constexpr std::size_t most_waiting = 1000;

} // namespace

void refused_rows::add(std::int64_t file, std::int64_t line, const error &why) {
    const bool hide = !files_.empty() && files_.front().format.hides_values;
    pg::reject r;
    r.file = file;
    r.line = r.last_line = line;
    r.column_name = why.column_name;
    r.sqlstate = why.sqlstate;
    r.reason = hide ? "a constraint of the table refuses it" : "the table refuses it: " + why.message;
    if (!why.constraint_name.empty() && hide)
        r.reason += ": " + why.constraint_name;
    if (why.sqlstate == "54000" && !r.column_name.empty()) // what the server advises is another index
        r.hint =
            "A value under an index, as those of a key are, may have some 2,700 bytes: correct the file, or choose "
            "other key_properties";
    waiting_.push_back(std::move(r));
    if (waiting_.size() >= most_waiting)
        finish();
    if (rejects_.is_full(records_))
        rejects_.judge(records_);
}

void refused_rows::finish() {
    for (const load::input_file &input : files_) {
        std::map<std::int64_t, pg::reject *> by_line;
        for (pg::reject &r : waiting_)
            if (r.file == input.id)
                by_line[r.line] = &r;
        if (by_line.empty())
            continue;
        load::csv_input reading(input.file, input.format);
        reading.on_bad([](const csv::bad_record &) {});
        while (!by_line.empty() && reading.next()) {
            if (reading.reader().records() % 1024 == 0)
                pg::check_interrupts();
            const auto found = by_line.find(static_cast<std::int64_t>(reading.reader().line()));
            if (found == by_line.end())
                continue;
            pg::reject known = reading.origin();
            found->second->last_line = known.last_line;
            found->second->offset = known.offset;
            found->second->raw = std::move(known.raw);
            by_line.erase(found);
        }
    }
    for (pg::reject &r : waiting_)
        rejects_.add(std::move(r));
    waiting_.clear();
}

} // namespace barometre::tap
