#include "core/project/job_config.h"
#include "project_folder.h"

#include <gtest/gtest.h>

using namespace barometre;

namespace {

using list = std::vector<std::string>;

const std::string header =
    "version: 1\nname: p\ntimezone: Asia/Kolkata\n"
    "taps:\n"
    "  - name: tap_a\n    streams: [{name: s, path: ., pattern: x}, {name: r, path: ., pattern: x}]\n"
    "  - name: tap_b\n    streams: [{name: t, path: ., pattern: x}]\n"
    "seeds: [{name: towns}, {name: codes}]\n"; // 9 lines

/// `jobs:` begins in line 10.
folder with_jobs(const std::string &jobs) {
    folder f;
    f.with("barometre.yml", header + "jobs:\n" + jobs)
        .with("models/m.sql", "{{ config(tags='red') }} select * from {{ source('tap_a', 's') }}");
    f.with("models/n.sql", "select * from {{ ref('m') }}").with("tests/check.sql", "select * from {{ ref('n') }}");
    return f;
}

const std::string step = "    steps: [{run: '*'}]\n";

/// What is wrong with one job "j", whose keys begin in line 12.
error wrong_job(const std::string &keys) { return with_jobs("  - name: j\n" + keys + step).failure(); }

/// What is wrong with its one step, which stands in line 13.
error wrong_step(const std::string &one) {
    return with_jobs("  - name: j\n    steps:\n      - " + one + "\n").failure();
}

error wrong_selection(const std::string &one) {
    const auto p = with_jobs("  - name: j\n    steps:\n      - " + one + "\n").read();
    try {
        project::check_selections(p);
    } catch (const error &e) {
        return e;
    }
    return error("00000", "no error");
}

void expect(const error &e, const std::string &message, const std::string &detail, const std::string &hint) {
    EXPECT_EQ(e.sqlstate, sqlstate::project_invalid);
    EXPECT_EQ(e.message, message);
    EXPECT_EQ(e.detail, detail);
    EXPECT_EQ(e.hint, hint);
}

} // namespace

TEST(JobConfig, AllKeysAreRead) {
    const auto p =
        with_jobs("  - name: daily-load\n    description: each morning\n    interval: 15 6 * * mon-fri\n    timezone: "
                  "Europe/Paris\n"
                  "    enabled: false\n    start_date: 2022-06-27\n    after: first\n    on_failure: skip\n"
                  "    retries: {count: 2, delay: 5 min}\n    timeout: 2 hours\n    on_failure_sql: select alarm()\n"
                  "    steps:\n      - run: tap_a\n      - {run: tap_a.s, full_refresh: true, on_failure: skip}\n      "
                  "- {run: tap_a, "
                  "streams: [s, tap_a.r]}\n"
                  "      - seed: [towns, codes]\n      - seed: towns\n      - seed: '*'\n"
                  "      - {transform: +n, exclude: m, full_refresh: true, on_failure: continue}\n      - test: "
                  "tag:red check\n"
                  "      - sql: |\n          call tidy_up();\n"
                  "  - name: first\n" +
                  step)
            .read();
    ASSERT_EQ(p.jobs.size(), 2u);
    const project::job &j = p.jobs[0];
    EXPECT_EQ(j.name, "daily-load");
    EXPECT_EQ(j.description, "each morning");
    EXPECT_EQ(j.interval, "15 6 * * mon-fri");
    EXPECT_EQ(j.timezone, "Europe/Paris");
    EXPECT_EQ(j.timezone_at.text(), "barometre.yml:14");
    EXPECT_FALSE(j.enabled);
    EXPECT_EQ(j.start_date, std::chrono::year(2022) / 6 / 27);
    EXPECT_EQ(j.after, "first");
    EXPECT_TRUE(j.skips_failures);
    EXPECT_EQ(j.retries, 2);
    EXPECT_EQ(j.retry_delay, 300);
    EXPECT_EQ(j.timeout, 7200);
    EXPECT_EQ(j.on_failure_sql, "select alarm()");
    EXPECT_EQ(j.at.text(), "barometre.yml:11");
    EXPECT_FALSE(j.by_hand());
    ASSERT_EQ(j.steps.size(), 9u);
    EXPECT_EQ(j.steps[0].kind, project::step_kind::run);
    EXPECT_FALSE(j.steps[0].skips_failures);
    EXPECT_TRUE(j.steps[1].skips_failures);
    EXPECT_EQ(j.steps[0].tap, "tap_a");
    EXPECT_EQ(j.steps[0].names, list{});
    EXPECT_EQ(j.steps[0].at.text(), "barometre.yml:23");
    EXPECT_EQ(j.steps[1].names, list{"s"});
    EXPECT_TRUE(j.steps[1].full_refresh);
    EXPECT_EQ(j.steps[2].names, (list{"s", "r"}));
    EXPECT_EQ(j.steps[3].names, (list{"towns", "codes"}));
    EXPECT_EQ(j.steps[4].names, list{"towns"});
    EXPECT_EQ(j.steps[5].kind, project::step_kind::seed);
    EXPECT_EQ(j.steps[5].names, list{});
    EXPECT_EQ(j.steps[6].selection, "+n");
    EXPECT_EQ(j.steps[6].exclude, "m");
    EXPECT_TRUE(j.steps[6].full_refresh);
    EXPECT_TRUE(j.steps[6].skips_failures);
    EXPECT_EQ(j.steps[7].kind, project::step_kind::test);
    EXPECT_EQ(j.steps[7].selection, "tag:red check");
    EXPECT_EQ(j.steps[8].sql, "call tidy_up();\n");
    EXPECT_NO_THROW(project::check_selections(p));
}

TEST(JobConfig, WhatIsNotSaidHasADefault) {
    const auto p =
        with_jobs("  - name: j\n" + step + "  - name: k\n    interval: '@once'\n    retries: 3\n" + step).read();
    const project::job &j = p.jobs[0];
    EXPECT_EQ(j.timezone, "Asia/Kolkata"); // the project's
    EXPECT_TRUE(j.enabled);
    EXPECT_TRUE(j.by_hand());
    EXPECT_FALSE(j.start_date);
    EXPECT_FALSE(j.skips_failures);
    EXPECT_EQ(j.retries, 0);
    EXPECT_EQ(j.timeout, 0);
    EXPECT_TRUE(j.steps[0].tap.empty());
    EXPECT_FALSE(j.steps[0].full_refresh);
    EXPECT_TRUE(p.jobs[1].by_hand());
    EXPECT_EQ(p.jobs[1].retries, 3);
    EXPECT_EQ(p.jobs[1].retry_delay, 60);
    EXPECT_EQ(p.find_job("k"), &p.jobs[1]);
    EXPECT_EQ(p.find_job("l"), nullptr);
    EXPECT_TRUE(folder().with("barometre.yml", "version: 1\nname: p\n").read().jobs.empty());
}

TEST(JobConfig, TheDefinitionSaysAllThatIsInEffect) {
    const auto p = with_jobs("  - name: j\n    interval: '@daily'\n    start_date: 2022-06-07\n    retries: {count: 2, "
                             "delay: 90 s}\n    timeout: 1 day\n"
                             "    description: the \"first\"\n    steps: [{run: tap_a.s}, {seed: '*'}, {seed: towns}, "
                             "{transform: '*', exclude: m}, {test: m}, {sql: select 1}]\n"
                             "  - {name: k, after: j, on_failure: continue, enabled: false, on_failure_sql: select 2, "
                             "steps: [{run: '*'}]}\n")
                       .read();
    EXPECT_EQ(
        p.jobs[0].definition(),
        R"({"description": "the \"first\"", "interval": "@daily", "timezone": "Asia/Kolkata", "enabled": true, "start_date": "2022-06-07", )"
        R"("after": null, "on_failure": "stop", "retries": {"count": 2, "delay": "90 seconds"}, "timeout": "1 day", "on_failure_sql": null, )"
        R"("steps": [{"run": "tap_a", "streams": ["s"], "full_refresh": false}, {"seed": "*"}, {"seed": ["towns"]}, )"
        R"({"transform": "*", "exclude": "m", "full_refresh": false, "on_failure": "stop"}, {"test": "m"}, {"sql": "select 1"}]})");
    EXPECT_EQ(
        p.jobs[1].definition(),
        R"({"description": null, "interval": null, "timezone": "Asia/Kolkata", "enabled": false, "start_date": null, "after": "j", )"
        R"("on_failure": "skip", "retries": {"count": 0, "delay": "1 minute"}, "timeout": null, "on_failure_sql": "select 2", )"
        R"("steps": [{"run": "*", "streams": null, "full_refresh": false}]})");
}

TEST(JobConfig, NamesMayHaveDashes) {
    EXPECT_EQ(with_jobs("  - name: a-b_c-9\n" + step).read().jobs[0].name, "a-b_c-9");
    expect(with_jobs("  - name: Daily Load-A!\n" + step).failure(),
           "barometre.yml:11: job name \"Daily Load-A!\" must consist of lower-case letters, digits, \"-\" and \"_\", "
           "and begin with a letter or \"_\"",
           "", "Use \"daily_load-a\".");
    EXPECT_EQ(with_jobs("  - name: -9a\n" + step).failure().hint, "Use \"a\".");
    EXPECT_EQ(with_jobs("  - name: '!'\n" + step).failure().hint, "");
    expect(with_jobs("  - name: " + std::string(64, 'a') + "\n" + step).failure(),
           "barometre.yml:11: job name \"" + std::string(64, 'a') + "\" must have 1 to 63 bytes", "", "");
    expect(with_jobs("  - name: a\n" + step + "  - name: a\n" + step).failure(),
           "barometre.yml:13: job \"a\" is there twice", "It was found before in barometre.yml:11.",
           "Rename or remove one of them.");
}

TEST(JobConfig, WrongKeysAndValuesAreRefused) {
    expect(wrong_job("    schedule: '@daily'\n"), "barometre.yml:12: unknown key \"schedule\" in job \"j\"", "",
           "Here it is \"interval\".");
    expect(wrong_job("    intervall: '@daily'\n"), "barometre.yml:12: unknown key \"intervall\" in job \"j\"", "",
           "Did you mean \"interval\"?");
    expect(wrong_job("    interval: '@dayly'\n"), "barometre.yml:12: interval \"@dayly\" is not known", "",
           "Did you mean \"@daily\"?");
    expect(wrong_job("    interval: 0 25 * * *\n"),
           "barometre.yml:12: interval \"0 25 * * *\": the hour can't be \"25\"", "", "It is 0 to 23.");
    expect(wrong_job("    enabled: perhaps\n"), "barometre.yml:12: key \"enabled\" must be true or false",
           "It is \"perhaps\".", "");
    for (const char *date : {"tomorrow", "2022-02-30", "22-06-27", "2022-6-27", "2022-06-27 00:00", "-022-06-27"})
        expect(wrong_job("    start_date: '" + std::string(date) + "'\n"),
               "barometre.yml:12: key \"start_date\" must be a date such as 2010-01-31",
               "It is \"" + std::string(date) + "\".", "");
    expect(wrong_job("    on_failure: abandon\n"), "barometre.yml:12: key \"on_failure\" can't be \"abandon\"", "",
           "Valid values are stop and skip.");
    expect(wrong_job("    retries: 101\n"), "barometre.yml:12: key \"retries\" must be at most 100", "It is 101.", "");
    expect(wrong_job("    retries: {count: 101}\n"), "barometre.yml:12: key \"count\" must be at most 100",
           "It is 101.", "");
    expect(wrong_job("    retries: -1\n"), "barometre.yml:12: key \"retries\" must be an integer", "It is \"-1\".", "");
    expect(wrong_job("    retries: {delay: 5 min}\n"),
           "barometre.yml:12: the retries of job \"j\" lack the key \"count\"", "", "");
    expect(wrong_job("    retries: {count: 1, dealy: 5 min}\n"),
           "barometre.yml:12: unknown key \"dealy\" in the retries of job \"j\"", "", "Did you mean \"delay\"?");
    EXPECT_EQ(wrong_job("    retries: {count: 1, delay: soon}\n").message,
              "barometre.yml:12: key \"delay\" must be a number and a unit");
    expect(wrong_job("    timeout: 0 min\n"), "barometre.yml:12: key \"timeout\" must be longer than 0", "",
           "Remove the key if nothing is meant by it.");
    expect(wrong_job("    on_failure_sql: ' '\n"), "barometre.yml:12: key \"on_failure_sql\" of job \"j\" is blank", "",
           "Give it SQL to run.");
    expect(with_jobs("  - interval: '@daily'\n").failure(), "barometre.yml:11: job lacks the key \"name\"", "", "");
    expect(with_jobs("  - name: j\n").failure(), "barometre.yml:11: job \"j\" lacks the key \"steps\"", "",
           "For example: steps: [{run: '*'}, {transform: '*'}, {test: '*'}]");
    EXPECT_EQ(with_jobs("  - name: j\n    steps: []\n").failure().message,
              "barometre.yml:12: key \"steps\" must be a list of at least one step");
    EXPECT_EQ(with_jobs("  - name: j\n    steps: {run: '*'}\n").failure().message,
              "barometre.yml:12: key \"steps\" must be a list of at least one step");
}

TEST(JobConfig, AJobWaitsForAnotherThatIsThere) {
    expect(wrong_job("    after: other\n"), "barometre.yml:12: job \"j\" waits for \"other\", which is no job", "",
           "Correct the name, or add the job.");
    expect(with_jobs("  - name: daily-load\n" + step + "  - name: k\n    after: daily_load\n" + step).failure(),
           "barometre.yml:14: job \"k\" waits for \"daily_load\", which is no job", "", "Did you mean \"daily-load\"?");
    expect(wrong_job("    after: j\n"), "barometre.yml:12: job \"j\" can't wait for itself", "",
           "Remove the key \"after\", or name another job.");
    expect(with_jobs("  - {name: d, after: a, steps: [{run: '*'}]}\n  - {name: a, after: b, steps: [{run: '*'}]}\n"
                     "  - {name: b, after: c, steps: [{run: '*'}]}\n  - {name: c, after: a, steps: [{run: '*'}]}\n")
               .failure(),
           "barometre.yml:12: the jobs wait for each other in a circle: a -> b -> c -> a", "",
           "Remove one of their keys \"after\".");
}

TEST(JobConfig, AStepDoesOneThing) {
    expect(wrong_step("{run: tap_a, test: m}"), "barometre.yml:13: step 1 of job \"j\" has both \"run\" and \"test\"",
           "", "Make it two steps.");
    expect(wrong_step("trasform: '*'"), "barometre.yml:13: unknown key \"trasform\" in step 1 of job \"j\"", "",
           "Did you mean \"transform\"?");
    expect(wrong_step("{}"), "barometre.yml:13: step 1 of job \"j\" is empty", "",
           "It needs one of the keys run, seed, transform, test and sql.");
    expect(wrong_step("run"), "barometre.yml:13: step 1 of job \"j\" must be a mapping of keys to values", "", "");
    expect(wrong_step("{test: m, exclude: n}"), "barometre.yml:13: unknown key \"exclude\" in step 1 of job \"j\"", "",
           "Valid keys are test.");
    expect(wrong_step("{run: tap_a, on_failure: go on}"), "barometre.yml:13: key \"on_failure\" can't be \"go on\"", "",
           "Valid values are stop and skip.");
    expect(wrong_step("{transform: m, on_failure: go on}"), "barometre.yml:13: key \"on_failure\" can't be \"go on\"",
           "", "Valid values are stop and skip.");
    expect(wrong_step("sql: ''"), "barometre.yml:13: key \"sql\" of step 1 of job \"j\" is blank", "",
           "Give it SQL to run.");
}

TEST(JobConfig, TapsStreamsAndSeedsOfStepsAreThere) {
    expect(wrong_step("run: tap-a"), "barometre.yml:13: there is no tap \"tap-a\" in the project", "",
           "Did you mean \"tap_a\"?");
    expect(wrong_step("run: elsewhere"), "barometre.yml:13: there is no tap \"elsewhere\" in the project", "",
           "There are: tap_a, tap_b.");
    expect(wrong_step("run: t"), "barometre.yml:13: there is no tap \"t\" in the project", "",
           "Did you mean \"tap_b.t\"?");
    expect(wrong_step("run: tap_a.elsewhere"),
           "barometre.yml:13: there is no stream \"tap_a.elsewhere\" in the project", "",
           "There are: tap_a.s, tap_a.r.");
    expect(wrong_step("run: tap-b.t"), "barometre.yml:13: there is no stream \"tap-b.t\" in the project", "",
           "Did you mean \"tap_b.t\"?");
    expect(wrong_step("{run: tap_b, streams: [s]}"), "barometre.yml:13: there is no stream \"tap_b.s\" in the project",
           "", "Did you mean \"tap_b.t\"?");
    EXPECT_EQ(wrong_step("{run: '*', streams: [s]}").message,
              "barometre.yml:13: key \"streams\" needs the name of one tap in \"run\"");
    EXPECT_EQ(wrong_step("{run: tap_a.s, streams: [r]}").message,
              "barometre.yml:13: \"run\" names a stream, and so can't have the key \"streams\"");
    EXPECT_EQ(wrong_step("{run: tap_a, streams: []}").message, "barometre.yml:13: key \"streams\" names no stream");
    expect(wrong_step("seed: [towns, cods]"), "barometre.yml:13: there is no seed \"cods\" in the project", "",
           "Did you mean \"codes\"?");
    EXPECT_EQ(wrong_step("seed: []").message, "barometre.yml:13: key \"seed\" names no seed");
}

TEST(JobConfig, SelectionsOfStepsSelectSomething) {
    expect(wrong_selection("transform: mm"),
           "barometre.yml:13: selection \"mm\": there is no model, seed, stream or test \"mm\"", "",
           "Did you mean \"m\"?");
    expect(wrong_selection("test: tag:blue"), "barometre.yml:13: selection \"tag:blue\": nothing has the tag \"blue\"",
           "", "Known are \"red\".");
    EXPECT_EQ(wrong_selection("transform: ' '").message, "barometre.yml:13: the selection is empty");
    EXPECT_EQ(wrong_selection("{transform: m, exclude: +n}").message,
              "barometre.yml:13: exclusion \"+n\" leaves nothing of selection \"m\"");
    EXPECT_EQ(wrong_selection("transform: tag:red,n").message,
              "barometre.yml:13: selection \"tag:red,n\" selects nothing");
    EXPECT_EQ(wrong_selection("transform: check").sqlstate, sqlstate::project_invalid); // a test is not built
    EXPECT_EQ(wrong_selection("test: check").sqlstate, "00000");
    // What a model reads beside its references counts, once it is known.
    auto p = with_jobs("  - name: j\n    steps: [{transform: 'source:tap_b+,m'}]\n").read();
    EXPECT_THROW(project::check_selections(p), error);
    p.models.begin()->reads = {"tap_b.t"};
    EXPECT_NO_THROW(project::check_selections(p));
}

namespace {

folder with_stream(const std::string &keys) {
    folder f;
    f.with("barometre.yml", "version: 1\nname: p\ntaps:\n  - name: t\n    streams:\n      - name: s\n        path: .\n "
                            "       pattern: x\n" +
                                keys);
    return f;
}

} // namespace

TEST(FreshnessConfig, IsReadOfStreams) {
    auto p = with_stream("        freshness: {column: date, format: DD/MM/YYYY HH24:MI, warn_after: 2 days, "
                         "error_after: 36 hours}\n")
                 .failure();
    expect(p, "barometre.yml:9: key \"error_after\" must not be shorter than \"warn_after\"",
           "It is 36 hours, and \"warn_after\" is 2 days.", "");
    const auto s = with_stream("        freshness: {column: date, format: DD/MM/YYYY HH24:MI, warn_after: 36 hours, "
                               "error_after: 1 week}\n")
                       .read()
                       .taps[0]
                       .streams[0];
    ASSERT_TRUE(s.freshness);
    EXPECT_EQ(
        s.freshness->text(),
        R"({"column": "date", "format": "DD/MM/YYYY HH24:MI", "warn_after": "36 hours", "error_after": "7 days"})");
    EXPECT_EQ(s.freshness->warn_after, 36 * 3600);
    const auto plain = with_stream("        freshness: {error_after: 1 h}\n").read().taps[0].streams[0];
    EXPECT_EQ(plain.freshness->text(),
              R"({"column": null, "format": null, "warn_after": null, "error_after": "1 hour"})");
    const auto of_dbt =
        with_stream("        freshness: {warn_after: {count: 2, period: hour}}\n").read().taps[0].streams[0];
    EXPECT_EQ(of_dbt.freshness->warn_after, 7200);
    EXPECT_FALSE(with_stream("").read().taps[0].streams[0].freshness);
}

TEST(FreshnessConfig, WhatIsWrongIsNamed) {
    auto wrong = [](const std::string &keys, const std::string &more = "") {
        return with_stream("        freshness: {" + keys + "}\n" + more).failure();
    };
    expect(wrong("column: d"),
           "barometre.yml:9: the freshness of stream \"s\" lacks the key \"warn_after\" or \"error_after\"", "",
           "For example: warn_after: 2 days");
    expect(wrong("warn_afer: 2 days"), "barometre.yml:9: unknown key \"warn_afer\" in the freshness of stream \"s\"",
           "", "Did you mean \"warn_after\"?");
    expect(wrong("warn_after: two days"), "barometre.yml:9: key \"warn_after\" must be a number and a unit",
           "It is \"two days\".",
           "Units are s, sec, second, seconds, min, minute, minutes, h, hour, hours, day, days, week, weeks.");
    expect(wrong("warn_after: 0"), "barometre.yml:9: key \"warn_after\" must be longer than 0", "",
           "Remove the key if nothing is meant by it.");
    EXPECT_EQ(wrong("format: YYYY, warn_after: 1 h").message,
              "barometre.yml:9: the freshness of stream \"s\" has a format but no column");
    EXPECT_TRUE(wrong("column: d, format: XX, warn_after: 1 h")
                    .message.starts_with("barometre.yml:9: format \"XX\" of the freshness of stream \"s\": "));
    expect(wrong("column: dat, warn_after: 1 h", "        field_names: [id, date]\n"),
           "barometre.yml:9: freshness column \"dat\" of stream \"s\" is none of its columns", "",
           "Did you mean \"date\"?");
}
