#include "tap/unfit_files.h"
#include "core/interrupts.h"
#include "core/text/text.h"
#include "load/input_file.h"
#include "load/record_input.h"
#include "pg/transaction.h"
#include "tap/stream.h"

#include <algorithm>

namespace barometre::tap {

namespace {

/// So many are named: as many as a load shows of its rejects.
constexpr std::size_t most_named = 1000;

bool is_of_file(const error &e) {
    const auto is = [&](const char *state) { return e.sqlstate == state; };
    return is(sqlstate::bad_file) || is(sqlstate::bad_record) || is(sqlstate::contract) || is("22021");
}

/// What is wrong, without the file's name: equal for files with the same fault.
std::string cause_of(const error &e, const std::string &file) {
    const std::string name = "file \"" + file + "\"";
    const std::size_t at = e.message.find(name);
    if (at == std::string::npos)
        return e.message;
    const std::string before = e.message.substr(0, at), after = e.message.substr(at + name.size());
    const std::size_t begin = after.find_first_not_of(",: ");
    if (before.empty() || before.ends_with("\": ")) // the stream
        return begin == std::string::npos ? after : after.substr(begin);
    return before.substr(before.find("\": ") == std::string::npos ? 0 : before.find("\": ") + 3) + "it" + after;
}

} // namespace

void unfit_files::add(const project::stream &stream, const pg::data_file &file, const error &e) {
    if (!is_of_file(e))
        throw;
    faults_.push_back({stream.name == all_streams ? stream.tap : name_of(stream), file.name, e});
    word();
}

void unfit_files::look_at(const project::stream &stream, const std::vector<const file_plan *> &plans,
                          std::size_t from) {
    for (std::size_t i = from; i < plans.size(); ++i) {
        check_interrupts();
        const pg::data_file &file = plans[i]->file;
        try {
            const pg::data_file opened = pg::open_file(file);
            const auto format = format_of(stream)->settle(opened);
            format->open({opened, format});
        } catch (const error &e) {
            add(stream, file, e);
        }
    }
}

void unfit_files::look_at(const project::stream &stream) {
    try {
        pg::rolled_back([&] { look_at(stream, discover(stream, purpose()).to_parse(), 0); });
    } catch (const error &e) {
        if (e.is_intervention())
            throw;
    }
}

void unfit_files::look_at(const chosen &streams) {
    if (!streams.tap->shares_files()) // else they would be looked through from end to end
        for (const project::stream *s : streams.streams)
            look_at(*s);
}

void unfit_files::word() {
    if (faults_.size() == 1) {
        static_cast<error &>(*this) = faults_[0].what;
        return;
    }
    std::vector<std::string> streams, hints;
    std::vector<std::pair<std::string, std::vector<std::string>>> causes;
    for (const fault &f : faults_) {
        if (!text::contains(streams, f.stream))
            streams.push_back(f.stream);
        const std::string cause = cause_of(f.what, f.file);
        auto same = std::find_if(causes.begin(), causes.end(), [&](const auto &c) { return c.first == cause; });
        if (same == causes.end())
            same = causes.insert(same, {cause, {}});
        same->second.push_back(f.file);
        std::string hint = f.what.hint.substr(0, f.what.hint.find("; nothing of this run was kept"));
        if (hint.ends_with('.'))
            hint.pop_back();
        if (!hint.empty() && !text::contains(hints, hint))
            hints.push_back(hint);
    }
    sqlstate = faults_[0].what.sqlstate;
    message = (streams.size() == 1
                   ? (streams[0].find('.') == std::string::npos ? "tap \"" : "stream \"") + streams[0] + "\": "
                   : "") +
              std::to_string(faults_.size()) + " files" +
              (streams.size() == 1 ? "" : " of " + std::to_string(streams.size()) + " streams") + " can't be read";
    detail.clear();
    std::size_t named = 0;
    for (auto &[cause, files] : causes) {
        const std::size_t of_it = files.size(), shown = std::min(of_it, most_named - named);
        named += shown;
        files.resize(shown);
        text::append(detail,
                     std::to_string(of_it) + " " + (of_it == 1 ? "file" : "files") + ": " + cause +
                         (shown == 0 ? "" : ": " + text::join(files, ", ", text::quoted)) +
                         (shown == of_it ? "" : ", ...") + ".",
                     "\n");
    }
    hint = text::join(hints, ". ") + (hints.empty() ? "Nothing" : "; nothing") + " of this run was kept.";
}

} // namespace barometre::tap
