#include "call/calls.h"
#include "core/text/text.h"
#include "pg/messages.h"
#include "pg/settings.h"
#include "pg/transaction.h"
#include "tap/choose.h"
#include "tap/idle.h"
#include "tap/load_stream.h"
#include "tap/shared_load.h"
#include "tap/skipping.h"
#include "tap/stream.h"
#include "tap/unfit_files.h"

#include <algorithm>

namespace barometre::call {

namespace {

std::string told(const run::step &done, std::int64_t run) {
    auto more = [](std::int64_t n, const char *what) {
        return n ? ", " + text::format_count(n) + what : std::string();
    };
    std::string out =
        done.name + ": " + std::to_string(done.read) + " of " + std::to_string(done.files) + " files read, " +
        text::format_count(done.records) + " records: " + text::format_count(done.inserted) + " inserted, " +
        text::format_count(done.updated) + " updated, " + text::format_count(done.unchanged) + " unchanged";
    if (done.rejected)
        out += ", " + text::format_count(done.rejected) +
               " rejected (SELECT * FROM barometre.reject WHERE run = " + std::to_string(run) + ")";
    return out + more(done.superseded, " superseded") +
           (done.deleted ? "; " + text::format_count(done.deleted) + " rows deleted" : "");
}

bool is_left_out(const run::step &s) { return s.status == "failed"; }

/// Files, streams and taps, as many as were left out.
std::string counted(const std::vector<run::step> &left_out) {
    std::string out;
    for (const char *kind : {"file", "stream", "tap"}) {
        const auto n = std::count_if(left_out.begin(), left_out.end(), [&](const auto &s) { return s.kind == kind; });
        if (n > 0)
            text::append(out, std::to_string(n) + " " + kind + (n == 1 ? "" : "s"), " and ");
    }
    return out;
}

/// One call of loading on its way.
class loading {
public:
    loading(const load_options &how, run::record &memory)
        : how_(how), why_{.run = memory.id(), .full_refresh = how.full_refresh}, memory_(memory) {}

    /// Gives the steps that it keeps in memory.
    std::vector<run::step> load(const std::vector<tap::chosen> &taps) {
        std::vector<const project::stream *> alone; // in files of their own
        for (const tap::chosen &t : taps) {
            all_ += t.tap->shares_files() ? 1 : t.streams.size();
            if (t.tap->shares_files())
                alone.push_back(nullptr);
            else
                alone.insert(alone.end(), t.streams.begin(), t.streams.end());
        }
        idle_.emplace(std::move(alone), why_);
        for (std::size_t i = 0; i < taps.size(); ++i) {
            try {
                if (taps[i].tap->shares_files())
                    load_shared(*taps[i].tap);
                else
                    load_streams(taps[i]);
            } catch (tap::unfit_files &e) {
                for (std::size_t later = i + 1; later < taps.size(); ++later)
                    e.look_at(taps[later]);
                throw;
            }
        }
        warn();
        return std::move(steps_);
    }

private:
    using steps = std::vector<run::step>;

    void load_streams(const tap::chosen &of) {
        for (std::size_t i = 0; i < of.streams.size(); ++i) {
            const project::stream &s = *of.streams[i];
            if (const std::optional<run::step> idle = idle_->find(s)) {
                begin_unit(tap::name_of(s));
                end_unit({*idle});
                continue;
            }
            try {
                unit("stream", tap::name_of(s), [&](steps &done) {
                    done = load_one(s, [&] { return tap::load_stream(s, why_, how_.skips_failures, memory_); });
                });
            } catch (tap::unfit_files &e) {
                for (std::size_t later = i + 1; later < of.streams.size(); ++later)
                    e.look_at(*of.streams[later]);
                throw;
            }
        }
    }

    /// All streams of a tap whose files they share.
    void load_shared(const project::tap &tap) {
        unit("tap", tap.name, [&](steps &done) {
            const auto load = [&](const tap::purpose &why) {
                done.clear();
                const tap::shared_load whole(tap, why);
                for (const tap::stream_part &part : whole.parts()) {
                    show_progress(tap.name + "." + part.stream.name);
                    const steps one = load_one(part.stream, [&] { return steps{whole.load(part, memory_)}; });
                    done.insert(done.end(), one.begin(), one.end());
                }
            };
            if (!tap.settings.skips_failures.value_or(how_.skips_failures))
                return load(why_);
            const steps left_out = tap::without_bad_files(tap::all_of(tap), why_, memory_, load);
            done.insert(done.end(), left_out.begin(), left_out.end());
        });
    }

    /// Loads a stream, or what its tap's files hold of it. What went wrong with it is noted.
    steps load_one(const project::stream &s, const std::function<steps()> &work) {
        const pg::heard_warnings heard;
        try {
            steps done = work();
            done.front().warnings = heard.all();
            return done;
        } catch (const tap::bad_files &) { // it is tried again without them
            throw;
        } catch (error &e) {
            failed_ = failure("stream", s.tap + "." + s.name, e);
            failed_->warnings = heard.all();
            throw;
        }
    }

    static run::step failure(const std::string &kind, const std::string &name, error &e) {
        run::step step;
        step.kind = kind;
        step.name = name;
        // A cancel is not the stream's doing.
        if (!e.is_intervention() && e.message.find('"' + name + '"') == std::string::npos &&
            e.message.find('"' + name + '.') == std::string::npos)
            e.message = kind + " \"" + name + "\": " + e.message;
        step.status = "failed";
        step.sqlstate = e.sqlstate;
        step.message = e.message;
        return step;
    }

    /// What is loaded as a whole or not at all; `work` gives its steps, also when it fails.
    void unit(const std::string &kind, const std::string &name, const std::function<void(steps &)> &work) {
        begin_unit(name);
        steps done;
        failed_.reset();
        try {
            if (how_.skips_failures)
                pg::in_subtransaction([&] { work(done); });
            else
                work(done);
        } catch (error &e) {
            const bool goes_on = how_.skips_failures && !e.ends_all();
            if (goes_on && !failed_)
                failed_ = failure(kind, name, e);
            for (run::step &s : done) {
                if (goes_on) {
                    s.status = "skipped";
                    text::append(s.why, "rolled back, because another stream of its tap failed", "; ");
                }
                memory_.add(s);
            }
            if (failed_)
                keep(*failed_);
            if (!goes_on)
                throw;
            return;
        }
        end_unit(done);
    }

    void begin_unit(const std::string &name) {
        ++at_;
        show_progress(name);
    }
    void end_unit(const steps &done) {
        for (const run::step &s : done) {
            keep(s);
            if (!is_left_out(s))
                pg::notice(told(s, memory_.id()));
        }
    }

    void keep(const run::step &s) {
        memory_.add(s);
        steps_.push_back(s);
    }

    void show_progress(const std::string &name) const { pg::show_progress("baro_run", at_, all_, name); }

    /// Says what was left out.
    void warn() const {
        constexpr std::size_t most_told = 20;
        steps left_out, whole;
        std::copy_if(steps_.begin(), steps_.end(), std::back_inserter(left_out), is_left_out);
        if (left_out.empty())
            return;
        std::copy_if(steps_.begin(), steps_.end(), std::back_inserter(whole),
                     [](const run::step &s) { return s.kind == "stream"; });
        const bool is_one = left_out.size() == 1, of_one = whole.size() == 1 && left_out.front().kind == "file";
        std::string detail;
        for (std::size_t i = 0; i < std::min(left_out.size(), most_told); ++i)
            text::append(detail, left_out[i].message, "\n");
        if (left_out.size() > most_told)
            text::append(detail, "... and " + std::to_string(left_out.size() - most_told) + " more", "\n");
        pg::warning((of_one ? "stream \"" + whole.front().name + "\": " + std::to_string(left_out.size()) + " of " +
                                  std::to_string(whole.front().files) + " files"
                            : counted(left_out)) +
                        (is_one ? " was" : " were") + " left out, because " + (is_one ? "it" : "they") +
                        " can't be loaded",
                    std::string("The next run tries ") + (is_one ? "it" : "them") +
                        " again. Until then SELECT * FROM barometre.failures; says what is wrong, and what to do.",
                    detail);
    }

    const load_options &how_;
    const tap::purpose why_;
    run::record &memory_;
    std::size_t at_ = 0, all_ = 0;
    std::optional<tap::idle_streams> idle_;
    steps steps_;
    std::optional<run::step> failed_; ///< of the unit
};

} // namespace

std::vector<run::step> load(transactions how, const registry::loaded_project &loaded, const load_options &options) {
    const std::vector<tap::chosen> chosen = tap::choose(loaded.definition, options.tap, options.streams);
    for (const tap::chosen &c : chosen)
        if (c.is_part && c.tap->shares_files())
            throw error("22023", "the streams of tap \"" + c.tap->name + "\" are loaded together",
                        "One file holds records of all of them.", "SELECT * FROM baro_run('" + c.tap->name + "');");
    return make(how, loaded, {.kind = "run", .name = options.tap.empty() ? "*" : options.tap},
                [&](run::record &memory) { return loading(options, memory).load(chosen); });
}

} // namespace barometre::call
