#include "page/page.h"
#include "pg/entry.h"

namespace barometre::entry {

namespace {

page::request page_request(const pg::arguments &given) { return {given.text(0, "en"), given.text(1), given.yes(2)}; }

std::string page_html(const pg::arguments &given) { return page::html(page::find_subject(), page_request(given)); }
std::string page_data(const pg::arguments &given) { return page::data(page::find_subject(), page_request(given)); }

} // namespace

BARO_TEXT(barometre_page, page_html)
BARO_JSON(barometre_page_data, page_data)

} // namespace barometre::entry
