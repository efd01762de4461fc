// The library: what the server loads, and what its workers begin with.
#include "pg/aborts.h"
#include "pg/autonomous.h"
#include "pg/cancels.h"
#include "pg/entry.h"
#include "pg/parallel_rows.h"
#include "pg/settings.h"

#include "version.h"

extern "C" {

BARO_MODULE("barometre", BAROMETRE_VERSION);

void _PG_init(void);
void _PG_init(void) {
    barometre::pg::hand_out_interrupts();
    barometre::pg::watch_aborts();
    barometre::pg::define_settings();
}

PGDLLEXPORT void barometre_autonomous_main(Datum argument);
void barometre_autonomous_main(Datum argument) { barometre::pg::autonomous::work(argument); }

struct shm_toc;
PGDLLEXPORT void barometre_parallel_rows(dsm_segment *segment, shm_toc *contents);
void barometre_parallel_rows(dsm_segment *segment, shm_toc *contents) {
    barometre::pg::work_in_parallel(segment, contents);
}

} // extern "C"
