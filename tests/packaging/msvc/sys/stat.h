/* What of Microsoft's <sys/stat.h> the sources and Python's headers use. */
#pragma once
struct stat { int st_mode; };
