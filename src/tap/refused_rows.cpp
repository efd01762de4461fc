#include "tap/refused_rows.h"
#include "core/interrupts.h"
#include "load/csv_input.h"
#include "pg/messages.h"

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
    if (rejects_.is_full(read_.records))
        rejects_.judge(read_.records);
}

/// Adds to rejects of one file what their records held; false: the file is not what was loaded any more.
bool refused_rows::look_up(std::size_t number, const by_line &refused) const {
    const load::input_file &input = files_[number];
    std::map<std::int64_t, pg::reject> found;
    try {
        load::csv_input reading(input.file, input.format);
        reading.on_bad([](const csv::bad_record &) {});
        const auto read = [&](bool to_end) {
            while ((to_end || found.size() < refused.size()) && reading.next()) {
                if (reading.reader().records() % 1024 == 0)
                    check_interrupts();
                if (const auto line = static_cast<std::int64_t>(reading.reader().line()); refused.count(line))
                    found.emplace(line, reading.origin());
            }
        };
        read(false);
        if (!times_tell(input.file.state, listed_us_) || !reading.is_unchanged()) { // then its content does
            read(true);
            if (reading.reader().hash() != read_.filled.files[number].hash)
                return false;
        }
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return false;
    }
    for (const auto &[line, known] : found) {
        pg::reject &to = *refused.at(line);
        to.last_line = known.last_line;
        to.offset = known.offset;
        to.raw = known.raw;
    }
    return true;
}

void refused_rows::finish() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
        by_line refused;
        for (pg::reject &r : waiting_)
            if (r.file == files_[i].id)
                refused[r.line] = &r;
        if (!refused.empty() && !look_up(i, refused))
            pg::warning(files_[i].format.what + ": file \"" + files_[i].file.name +
                            "\" changed after it was read; of " + std::to_string(refused.size()) +
                            (refused.size() == 1 ? " record" : " records") +
                            " that the table refuses only the lines are known",
                        "The next run reads the file again.");
    }
    for (pg::reject &r : waiting_)
        rejects_.add(std::move(r));
    waiting_.clear();
}

} // namespace barometre::tap
