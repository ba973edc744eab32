/* Memory that begins on a cache line. */
#ifndef GNG_ALIGNED_MEMORY_H
#define GNG_ALIGNED_MEMORY_H

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#define GNG_LINE 64
#define GNG_HUGE_PAGE ((size_t)1 << 21)

/* NULL where there is no memory. What takes more than half a large page is rounded up to whole ones, and asks for them
   where the system has them: a signal touches memory in a dozen places, and looking up small pages would take as long as
   the rest. */
static inline void *gng_allocate(size_t count, size_t size)
{
    size_t bytes = count * size, line = GNG_LINE;
    if (size && count > (SIZE_MAX - 2 * GNG_HUGE_PAGE) / size)
        return NULL;
    if (bytes >= GNG_HUGE_PAGE / 2)
        line = GNG_HUGE_PAGE;
#if defined(__SANITIZE_ADDRESS__)
    void *exact; /* no byte more: the sanitizer then sees the first one beyond */
    return posix_memalign(&exact, line, bytes) ? NULL : exact;
#else
    if (line == GNG_HUGE_PAGE)
        bytes = (bytes + line - 1) & ~(line - 1);
    char *all = malloc(bytes + line);
    if (!all)
        return NULL;
    /* malloc aligns to a pointer at least, so that one fits below */
    char *begin = (char *)(((uintptr_t)all + line) & ~(uintptr_t)(line - 1));
    ((void **)begin)[-1] = all;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (line == GNG_HUGE_PAGE)
        madvise(begin, bytes, MADV_HUGEPAGE); /* a wish: nothing is lost where it is not granted */
#endif
    return begin;
#endif
}

static inline void gng_release(void *begin)
{
#if defined(__SANITIZE_ADDRESS__)
    free(begin);
#else
    if (begin)
        free(((void **)begin)[-1]);
#endif
}

#endif
