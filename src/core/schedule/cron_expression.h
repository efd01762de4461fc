#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <optional>
#include <string>

/// When jobs are due. Pure arithmetic: the rules of a time zone come in as a function.
namespace barometre::schedule {

/// Five fields of cron, read as Vixie's cron (and so pg_cron) reads them: minute, hour, day of the month,
/// month, day of the week; each * or a list of numbers, ranges a-b and steps a-b/n or */n. Months and days of
/// the week have names of three letters, and 7 is Sunday too. A day counts when both of its fields take it,
/// or, if neither begins with *, when one of them does.
class cron_expression {
public:
    /// Throws error (project_invalid) that names the field and what it may be.
    explicit cron_expression(const std::string &text);

    bool matches(std::chrono::sys_days local_day) const;
    bool matches(int hour, int minute) const { return hours_[hour] && minutes_[minute]; }
    /// Whether the field begins with *: such a job is due in every hour that goes by, and not by the clock on the wall.
    bool any_hour() const { return starred_[1]; }

    const std::bitset<60> &minutes() const { return minutes_; }
    const std::bitset<24> &hours() const { return hours_; }
    const std::bitset<7> &weekdays() const { return weekdays_; } ///< from Sunday, as numbered in cron
    bool has_month(std::chrono::month m) const { return months_[static_cast<unsigned>(m)]; }
    bool asks_weekday_alone() const; ///< the day of the week decides whether a day counts, or every day does
    /// As written, with single spaces: minute, hour, day of the month, month, day of the week.
    const std::array<std::string, 5> &fields() const { return fields_; }

private:
    std::array<std::string, 5> fields_;
    std::array<bool, 5> starred_{}; ///< the field begins with *
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<7> weekdays_;
};

/// The interval of a job: @hourly (at minute 30), @daily (00:00), @weekly (Sunday 01:00), @monthly (the 1st, 02:00),
/// @yearly (1 January, 03:00), or five fields of cron. Nothing for @once: by hand only. Throws as above.
std::optional<cron_expression> parse_interval(const std::string &interval);

} // namespace barometre::schedule
