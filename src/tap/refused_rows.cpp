#include "tap/refused_rows.h"
#include "pg/messages.h"

namespace barometre::tap {

namespace {

/// So many are sought in the files at a time.
constexpr std::size_t most_waiting = 1000;

} // namespace

refused_rows::refused_rows(const std::vector<load::input_file> &files, const staged &read, std::int64_t listed_us,
                           load::reject_log &rejects)
    : files_(files), read_(read), listed_us_(listed_us), rejects_(rejects) {
    for (std::size_t i = 0; i < files.size(); ++i)
        numbers_.emplace(files[i].id, i);
}

refused_rows::~refused_rows() {
    if (number_)
        withdraw(false); // after an error: what was stored is rolled back
}

void refused_rows::add(std::int64_t file, std::int64_t line, const error &why) {
    const bool hide = !files_.empty() && files_.front().format->hides_values;
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
        hand_over();
    if (rejects_.is_full(read_.records)) {
        finish();
        rejects_.judge(read_.records);
    }
}

void refused_rows::hand_over() {
    for (pg::reject &r : waiting_) {
        if (const auto at = numbers_.find(r.file); at != numbers_.end()) {
            if (number_ != at->second || r.line < sought_line_) {
                end_file();
                begin_file(at->second);
            }
            find(r);
        }
        rejects_.add(std::move(r));
    }
    waiting_.clear();
}

void refused_rows::begin_file(std::size_t number) {
    number_ = number;
    const load::input_file &input = files_[number];
    try {
        reading_ = input.format->open(input);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        reading_.reset();
    }
}

/// Reads on to that line, and past it.
void refused_rows::go_to(std::int64_t line) {
    const auto next = [&] {
        at_end_ = !reading_->next();
        line_ = at_end_ ? line_ : reading_->line();
    };
    sought_line_ = line;
    only_.reset();
    while (!at_end_ && line_ < line)
        next();
    if (at_end_ || line_ != line)
        return;
    only_ = reading_->origin();
    next();
    if (!at_end_ && line_ == line) // as in a document of one line: nobody knows which of them it was
        only_.reset();
}

/// Completes a reject by what its record holds.
void refused_rows::find(pg::reject &refused) {
    ++sought_;
    try {
        if (reading_ && refused.line != sought_line_)
            go_to(refused.line);
        if (!reading_ || !only_)
            return;
        refused.last_line = only_->last_line;
        refused.offset = only_->offset;
        refused.path = only_->path;
        refused.raw = only_->raw;
        found_.push_back(refused.line);
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        reading_.reset();
    }
}

/// Where the file's times don't tell, what was read of it does, which is then read to its end.
bool refused_rows::is_as_loaded() {
    try {
        if (!reading_ || (times_tell(files_[*number_].file.state, listed_us_) && reading_->is_unchanged()))
            return reading_ != nullptr;
        while (reading_->next()) {
        }
        return reading_->hash() == read_.filled.files[*number_].hash;
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
        return false;
    }
}

void refused_rows::end_file() {
    if (!number_)
        return;
    if (!is_as_loaded()) {
        withdraw(true);
        pg::warning(files_[*number_].format->what + ": file \"" + files_[*number_].file.name +
                        "\" changed after it was read; of " + std::to_string(sought_) +
                        (sought_ == 1 ? " record" : " records") + " that the table refuses only the lines are known",
                    "The next run reads the file again.");
    }
    number_.reset();
    reading_.reset();
    found_.clear();
    line_ = sought_ = sought_line_ = 0;
    at_end_ = false;
    only_.reset();
}

void refused_rows::withdraw(bool is_stored) { rejects_.withdraw_content(files_[*number_].id, found_, is_stored); }

void refused_rows::finish() {
    hand_over();
    end_file();
}

} // namespace barometre::tap
