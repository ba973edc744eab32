/* Numbers that one thread writes while others read them without a lock: each is read whole, and what was written before it
   is seen by whoever has read it. */
#ifndef GNG_ATOMICS_H
#define GNG_ATOMICS_H

#include <stdint.h>

#if (defined(__GNUC__) || defined(__clang__)) && UINTPTR_MAX > UINT32_MAX
#define GNG_LOAD(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define GNG_STORE(p, value) __atomic_store_n(p, value, __ATOMIC_RELEASE)
#elif defined(__GNUC__) || defined(__clang__)
/* 64-bit atomics of a 32-bit machine may need a library of their own */
#define GNG_LOAD(p) (*(volatile const int64_t *)(p))
#define GNG_STORE(p, value) (*(volatile int64_t *)(p) = (value), __sync_synchronize())
#else
#include <intrin.h>
#define GNG_LOAD(p) gng_loaded(*(volatile const int64_t *)(p))
#define GNG_STORE(p, value) (gng_barrier(), *(volatile int64_t *)(p) = (value))
#if defined(_M_ARM64)
static __forceinline void gng_barrier(void) { __dmb(_ARM64_BARRIER_ISH); }
#else
static __forceinline void gng_barrier(void) { _ReadWriteBarrier(); }
#endif
static __forceinline int64_t gng_loaded(int64_t value) { gng_barrier(); return value; }
#endif

static inline int64_t gng_load(const int64_t *p) { return GNG_LOAD(p); }
static inline void gng_store(int64_t *p, int64_t value) { GNG_STORE(p, value); }

#endif
