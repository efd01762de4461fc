#include "pg/settings.h"
#include "pg/guard.h"

namespace barometre::pg {

namespace {

char *project_directory_setting = nullptr;
char *data_directory_setting = nullptr;
int on_overlap_setting = 0;

const config_enum_entry overlap_choices[] = {{"error", 0, false}, {"wait", 1, false}, {nullptr, 0, false}};

} // namespace

void define_settings() {
    DefineCustomStringVariable("barometre.project_directory", "Folder that holds barometre.yml.",
                               "Empty: the default project that was installed with the extension.",
                               &project_directory_setting, "", PGC_SUSET, 0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("barometre.data_directory", "Folder below which all files of taps lie.",
                               "Empty: no file is read.", &data_directory_setting, "", PGC_SUSET, 0, nullptr, nullptr,
                               nullptr);
    DefineCustomEnumVariable("barometre.on_overlap", "What to do when the same tap or model is being run.", nullptr,
                             &on_overlap_setting, 0, overlap_choices, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("barometre");
}

std::string project_directory() {
    if (project_directory_setting && *project_directory_setting)
        return project_directory_setting;
    char share[MAXPGPATH];
    get_share_path(my_exec_path, share);
    return std::string(share) + "/barometre";
}

std::string data_directory() { return data_directory_setting ? data_directory_setting : ""; }

void show_progress(const std::string &text) {
    const std::string cut = text.substr(0, NAMEDATALEN - 1); // the server would cut it, too, and say so
    const char *name = cut.c_str();
    call([&] { set_config_option("application_name", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false); });
}

bool wait_on_overlap() { return on_overlap_setting == 1; }

} // namespace barometre::pg
