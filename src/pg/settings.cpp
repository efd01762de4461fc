#include "pg/settings.h"
#include "core/text/text.h"
#include "pg/guard.h"
#include "pg/own_heap.h"
#include "pg/point.h"

namespace barometre::pg {

namespace {

char *project_directory_setting = nullptr;
char *target_schema_setting = nullptr;
char *data_directory_setting = nullptr;
char *page_directory_setting = nullptr;
bool hide_values_setting = false;
int on_overlap_setting = 0, reload_setting = 0;
char *keep_runs_setting = nullptr;
int threads_setting = 2;

const config_enum_entry overlap_choices[] = {{"error", 0, false}, {"wait", 1, false}, {nullptr, 0, false}};
const config_enum_entry reload_choices[] = {{"auto", 0, false}, {"manual", 1, false}, {nullptr, 0, false}};

/// An interval that is not so short that it is a slip ('1' is a second), and not so long that no time lies before it.
bool is_age(const char *text) {
    try {
        return call([&] {
            const Datum age = DirectFunctionCall3(interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
                                                  Int32GetDatum(-1));
            const Datum least = DirectFunctionCall3(interval_in, CStringGetDatum("1 day"), ObjectIdGetDatum(InvalidOid),
                                                    Int32GetDatum(-1));
            const Datum most = DirectFunctionCall3(interval_in, CStringGetDatum("1000 years"),
                                                   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
            return DatumGetBool(DirectFunctionCall2(interval_ge, age, least)) &&
                   DatumGetBool(DirectFunctionCall2(interval_le, age, most));
        });
    } catch (const error &) {
        return false;
    }
}

extern "C" bool check_keep_runs(char **value, void **, GucSource) {
    if (is_age(*value))
        return true;
    GUC_check_errdetail("It must be an interval from 1 day to 1000 years.");
    GUC_check_errhint("For example '90 days', '12 months' or '2 years'.");
    return false;
}

} // namespace

void define_settings() {
    DefineCustomStringVariable("barometre.project_directory", "Folder that holds barometre.yml.",
                               "Empty: the default project that was installed with the extension.",
                               &project_directory_setting, "", PGC_SUSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("barometre.data_directory", "Folder below which all files of taps lie.",
                               "Empty: no file is read.", &data_directory_setting, "", PGC_SUSET, 0, nullptr, nullptr,
                               nullptr);
    DefineCustomStringVariable("barometre.page_directory", "Folder below which jobs write pages.",
                               "Empty: none is written.", &page_directory_setting, "", PGC_SUSET, 0, nullptr, nullptr,
                               nullptr);
    DefineCustomBoolVariable("barometre.hide_values", "Views show no values of the data, as to observers.",
                             "It hides from oneself, and shows nothing that is not shown anyway.", &hide_values_setting,
                             false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("barometre.target_schema", "Schema of seeds and models, unless they say otherwise.",
                               "Empty: the one that the project says. Set it for a database of one's own.",
                               &target_schema_setting, "", PGC_SUSET, 0, nullptr, nullptr, nullptr);
    DefineCustomEnumVariable("barometre.on_overlap", "What to do when the same tap or model is being run.", nullptr,
                             &on_overlap_setting, 0, overlap_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomEnumVariable("barometre.reload", "When changed files of the project are taken.",
                             "auto: by the next call. manual: by baro_load_project() alone.", &reload_setting, 0,
                             reload_choices, PGC_SUSET, 0, nullptr, nullptr, nullptr);
    DefineCustomIntVariable("barometre.threads", "How many models are computed at a time.",
                            "By parallel workers of the server, where models are much work. 1: one after the other.",
                            &threads_setting, 2, 1, 64, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable(
        "barometre.keep_runs", "How long runs are remembered.",
        "An interval. The last run of each kind and name, and its last success, are kept whatever their age.",
        &keep_runs_setting, "90 days", PGC_SUSET, 0, check_keep_runs, nullptr, nullptr);
    DefineCustomBoolVariable("barometre.points", "Sessions can be made to wait at named points of the code.",
                             "For tests: see src/pg/point.h.", &detail::points_are_on, false, PGC_SUSET,
                             GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    DefineCustomBoolVariable("barometre.by_sql", "Ordinary tables are written as those that have no heap of their own.",
                             "For tests: see src/pg/own_heap.h.", &detail::all_by_sql, false, PGC_SUSET,
                             GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("barometre");
}

std::string share_directory() {
    char share[MAXPGPATH];
    get_share_path(my_exec_path, share);
    return std::string(share) + "/barometre";
}

std::string project_directory() {
    return project_directory_setting && *project_directory_setting ? project_directory_setting : share_directory();
}

std::string target_schema() { return target_schema_setting ? target_schema_setting : ""; }

std::string data_directory() { return data_directory_setting ? data_directory_setting : ""; }

std::string page_directory() { return page_directory_setting ? page_directory_setting : ""; }

void show_progress(const std::string &call_name, std::size_t at, std::size_t of, const std::string &what) {
    const std::string whole = call_name + " " + std::to_string(at) + "/" + std::to_string(of) + " " + what;
    const std::string cut(text::cut(whole, NAMEDATALEN - 1)); // the server would cut it, too, and say so
    const char *name = cut.c_str();
    call([&] { // as SET LOCAL does, which may follow a SET of the project's SQL
        set_config_option("application_name", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
    });
}

void no_lock_timeout() {
    call([] { set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false); });
}

void hide_values() {
    call([] {
        set_config_option("barometre.hide_values", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    });
}

std::string setting(const char *name) {
    const char *value = call([&] { return GetConfigOption(name, true, false); });
    return value ? value : "";
}

bool reloads_by_hand() { return reload_setting == 1; }

bool wait_on_overlap() { return on_overlap_setting == 1; }

int threads() { return threads_setting; }

std::string keep_runs() { return keep_runs_setting; }

} // namespace barometre::pg
