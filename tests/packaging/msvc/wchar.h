/* What of Microsoft's <wchar.h> the sources and Python's headers use. */
#pragma once
#include <stddef.h>
size_t wcslen(const wchar_t *);
int wcscmp(const wchar_t *, const wchar_t *);
