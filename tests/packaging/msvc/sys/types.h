/* What of Microsoft's <sys/types.h> the sources and Python's headers use. */
#pragma once
typedef long off_t;
