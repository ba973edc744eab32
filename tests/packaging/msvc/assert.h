/* What of Microsoft's <assert.h> the sources and Python's headers use. */
#pragma once
#define assert(it) ((void)0)
