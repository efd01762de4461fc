#include "pg/messages.h"
#include "core/text/utf8.h"
#include "pg/guard.h"

namespace barometre::pg {

namespace {

constexpr std::size_t most_kept = 100;
heard_warnings *innermost = nullptr;

} // namespace

heard_warnings::heard_warnings() : outer_(innermost) { innermost = this; }

heard_warnings::~heard_warnings() { innermost = outer_; }

std::vector<told_warning> heard_warnings::all() const {
    std::vector<told_warning> out = first_;
    if (more_ > 0)
        out.push_back({std::to_string(more_) + " more warnings", "", ""});
    return out;
}

void hear(const told_warning &w) {
    for (heard_warnings *h = innermost; h; h = h->outer_)
        if (h->first_.size() < most_kept)
            h->first_.push_back(w);
        else
            ++h->more_;
}

void note_warning(const std::string &message, const std::string &hint) { hear({message, "", hint}); }

void notice(const std::string &message, const std::string &hint) {
    const std::string shown = text::legible(message);
    const char *m = shown.c_str(), *h = hint.empty() ? nullptr : hint.c_str();
    call([&] { ereport(NOTICE, (errmsg_internal("%s", m), h ? errhint("%s", h) : 0)); });
}

void warning(const std::string &message, const std::string &hint, const std::string &detail) {
    hear({message, detail, hint});
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
