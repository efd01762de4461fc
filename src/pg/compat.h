#pragma once

// What differs between PostgreSQL's versions, and nothing else: no other file asks for the version. Included by
// pg/pg.h, behind the server's own headers.
#if PG_VERSION_NUM < 150000 || PG_VERSION_NUM >= 160000
#error                                                                                                                 \
    "barometre is for PostgreSQL 15: build with its pg_config, as in make PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config"
#endif
