/* What of Microsoft's <malloc.h> Clang's own headers use. */
#pragma once
#include <stddef.h>
void *_aligned_malloc(size_t, size_t);
void _aligned_free(void *);
