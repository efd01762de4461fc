#include "tap/purpose.h"
#include "pg/messages.h"
#include "tap/skipping.h"
#include "tap/stream.h"

namespace barometre::tap {

void purpose::tell(const std::string &sentence) const {
    if (!is_silent())
        pg::notice(sentence);
}

load::reject_log rejects_for(const project::stream &stream, const purpose &why) {
    const project::limit all{0, 100};
    // An attempt has some of the files: what share of all records is rejected is not known, nor whether all are.
    const bool takes_all = why.is_trial() || (why.is_attempt && stream.max_rejects.percent >= 0);
    load::reject_log out(format_of(stream), stream.tap, stream.name, takes_all ? all : stream.max_rejects, why.run);
    if (why.is_attempt)
        out.judge_part();
    if (why.skips)
        out.wait_for(why.skips->patience());
    return out;
}

} // namespace barometre::tap
