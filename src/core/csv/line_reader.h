#pragma once

// fast-cpp-csv-parser, without its thread; <limits> is missing among its includes.
#ifndef CSV_IO_NO_THREAD
#define CSV_IO_NO_THREAD
#endif
#include <limits>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation" // its file names are cut on purpose
#include <libfccp/csv.h>
#pragma GCC diagnostic pop
