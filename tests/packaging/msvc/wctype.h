/* What of Microsoft's <wctype.h> the sources and Python's headers use. */
#pragma once
typedef unsigned short wctype_t;
