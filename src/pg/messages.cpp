#include "pg/messages.h"
#include "core/text/utf8.h"
#include "pg/guard.h"

namespace barometre::pg {

void notice(const std::string &message, const std::string &hint) {
    const std::string shown = text::legible(message);
    const char *m = shown.c_str(), *h = hint.empty() ? nullptr : hint.c_str();
    call([&] { ereport(NOTICE, (errmsg_internal("%s", m), h ? errhint("%s", h) : 0)); });
}

void warning(const std::string &message, const std::string &hint, const std::string &detail) {
    const char *m = message.c_str(), *h = hint.empty() ? nullptr : hint.c_str();
    const char *d = detail.empty() ? nullptr : detail.c_str();
    call([&] {
        ereport(WARNING, (errmsg_internal("%s", m), d ? errdetail_internal("%s", d) : 0, h ? errhint("%s", h) : 0));
    });
}

void log_warning(const std::string &message) {
    const char *m = message.c_str();
    call([&] {
        const int level = NewGUCNestLevel();
        set_config_option("client_min_messages", "error", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
        ereport(WARNING, (errmsg_internal("%s", m), errhidestmt(true), errhidecontext(true)));
        AtEOXact_GUC(false, level);
    });
}

} // namespace barometre::pg
