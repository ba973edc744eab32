/* Preloaded: an allocator that refuses the n-th request that is counted, or all from there on. Counted are those that come
   from the given range of code, or without one all of at least `least` bytes. For glibc. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

static volatile long left;      /* requests until one is refused; 0: none is */
static volatile int for_ever;
static volatile long refused;
static volatile size_t least;
static volatile uintptr_t from[8], to[8];
static volatile int n_ranges;

void fault_range(uintptr_t begin, uintptr_t end)
{
    from[n_ranges] = begin;
    to[n_ranges] = end;
    n_ranges++;
}

void fault_all(size_t least_bytes)
{
    n_ranges = 0;
    least = least_bytes;
}

void fault_arm(long n, int ever)
{
    refused = 0;
    for_ever = ever;
    left = n;
}

/* How many were refused. */
long fault_disarm(void)
{
    left = 0;
    return refused;
}

static int refuse(size_t bytes, uintptr_t caller)
{
    if (!left || bytes < least)
        return 0;
    int counted = !n_ranges;
    for (int i = 0; i < n_ranges; i++)
        counted |= caller >= from[i] && caller < to[i];
    if (!counted)
        return 0;
    long now = __atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED);
    if (now > 0)
        return 0;
    left = for_ever ? 1 : 0;
    refused++;
    errno = ENOMEM;
    return 1;
}

#define CALLER ((uintptr_t)__builtin_return_address(0))

void *malloc(size_t bytes) { return refuse(bytes, CALLER) ? NULL : __libc_malloc(bytes); }
void *calloc(size_t n, size_t size) { return refuse(n * size, CALLER) ? NULL : __libc_calloc(n, size); }
void *realloc(void *old, size_t bytes) { return refuse(bytes, CALLER) ? NULL : __libc_realloc(old, bytes); }
