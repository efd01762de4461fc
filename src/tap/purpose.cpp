#include "tap/purpose.h"
#include "pg/messages.h"
#include "tap/skipping.h"
#include "tap/stream.h"

namespace barometre::tap {

void purpose::tell(const std::string &sentence) const {
    if (!is_trial() && !is_attempt)
        pg::notice(sentence);
}

load::reject_log rejects_for(const project::stream &stream, const purpose &why) {
    const project::limit all{0, 100};
    load::reject_log out(format_of(stream), stream.tap, stream.name, why.is_trial() ? all : stream.max_rejects,
                         why.run);
    if (why.skips)
        out.wait_for(why.skips->patience());
    return out;
}

} // namespace barometre::tap
