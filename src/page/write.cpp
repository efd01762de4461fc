#include "call/call.h"
#include "page/page.h"
#include "pg/page_file.h"

namespace barometre::page {

void write(pg::spi &connection, const subject &of, const project::job_page &what) {
    if (!of.project)
        return; // nobody has said that there is a page
    call::make(call::transactions::own(connection), *of.project,
               {.kind = "page", .name = what.file, .one_snapshot = true}, [&](run::record &) {
                   const auto folder = pg::open_page_folder(what.file); // before the work: it is quick to fail
                   const std::string content = html(of, {what.lang, what.audience, false});
                   pg::write_page(folder, what.file, content);
               });
}

} // namespace barometre::page
