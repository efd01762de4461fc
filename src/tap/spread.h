#pragma once

#include "core/project/project.h"
#include "tap/purpose.h"

#include <string>
#include <vector>

/// Streams whose tables the project spreads over the nodes of a cluster.
namespace barometre::tap {

/// Before a load: throws contract where the stream's table can't be spread as the project says.
void check_spread(const project::stream &stream);

/// A column whose value each record must have: of the key, or by which a table without a key is distributed.
bool is_required(const project::stream &stream, const std::string &column);
/// Of a stream without a key; empty: its table is distributed by none, or its key has it.
std::string spread_by(const project::stream &stream);

/// Gives the new table of a stream, which is empty, its key, and spreads it. Gives the statements. A trial, whose table
/// goes again, does not need what the table is to lie beside.
std::vector<std::string> prepare_table(const project::stream &stream, const purpose &why);

/// How many of the streams that others are to lie beside come before it: what is loaded in this order has them in time.
std::size_t depth_of(const project::stream &stream, const std::vector<const project::stream *> &among);

} // namespace barometre::tap
