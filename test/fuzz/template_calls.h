#pragma once

#include "core/jinja/render.h"

namespace barometre::fuzz {

/// What templates that are made up may call and know, with small limits.
jinja::callbacks template_calls();

} // namespace barometre::fuzz
