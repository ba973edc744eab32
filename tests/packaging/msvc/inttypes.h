/* What of Microsoft's <inttypes.h> the sources and Python's headers use. */
#pragma once
#include <stdint.h>
#define PRId64 "lld"
#define PRIu64 "llu"
