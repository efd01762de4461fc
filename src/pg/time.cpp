#include "pg/time.h"
#include "pg/guard.h"

#include <cctype>
#include <cstdlib>

extern "C" {
#include "pgtime.h"
#include "utils/timestamp.h"
}

namespace barometre::pg {

namespace {

constexpr std::int64_t epoch_difference =
    (static_cast<std::int64_t>(POSTGRES_EPOCH_JDATE) - UNIX_EPOCH_JDATE) * SECS_PER_DAY;

pg_tz *find_zone(const std::string &name) {
    const char *text = name.c_str();
    return call([&] { return pg_tzset(text); });
}

} // namespace

// The server also takes '+02:00' and 'UTC+2', which are west of Greenwich, and 'interval ...'. Etc/GMT+2 is a name, and
// known to be so.
bool is_time_zone(const std::string &name) {
    const bool is_name = !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) &&
                         name.find_first_of(" <,") == std::string::npos &&
                         (name.find('+') == std::string::npos || name.find('/') != std::string::npos);
    return is_name && find_zone(name) != nullptr;
}

std::function<std::int64_t(std::int64_t)> time_zone(const std::string &name) {
    pg_tz *zone = find_zone(name);
    if (!zone)
        throw error(sqlstate::project_invalid, "there is no time zone \"" + name + "\"", "",
                    "SELECT name FROM pg_timezone_names; lists the time zones of this server.");
    return [zone](std::int64_t t) -> std::int64_t {
        const pg_time_t time = t;
        return call([&] {
            const pg_tm *local = pg_localtime(&time, zone);
            return static_cast<std::int64_t>(local ? local->tm_gmtoff : 0);
        });
    };
}

std::string clock_text(std::int64_t seconds, const std::string &name) {
    constexpr std::int64_t near = 300 * SECS_PER_DAY;
    pg_tz *zone = find_zone(name);
    const pg_time_t time = seconds;
    const char *format = std::abs(seconds - now()) > near ? "%Y-%m-%d %Z" : "%m-%d %H:%M %Z";
    char text[64] = "";
    call([&] {
        if (const pg_tm *local = zone ? pg_localtime(&time, zone) : nullptr)
            pg_strftime(text, sizeof text, format, local);
    });
    return text;
}

std::int64_t now() { return seconds_since_1970(GetCurrentTimestamp()); }

std::string now_text() { return timestamptz_to_str(GetCurrentTimestamp()); }

std::int64_t seconds_since_1970(std::int64_t t) {
    const std::int64_t second = t / USECS_PER_SEC - (t % USECS_PER_SEC < 0);
    return second + epoch_difference;
}

std::int64_t timestamp_of(std::int64_t seconds) { return (seconds - epoch_difference) * USECS_PER_SEC; }
std::int64_t timestamp_of_us(std::int64_t microseconds) { return microseconds - epoch_difference * USECS_PER_SEC; }

} // namespace barometre::pg
