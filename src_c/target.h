/* For which processor this is compiled. */
#ifndef GNG_TARGET_H
#define GNG_TARGET_H

/* GNG_PORTABLE asks for plain C only, as any other processor gets it (tests/faults/sanitize.sh). */
#if defined(GNG_PORTABLE)
#elif defined(__x86_64__) || defined(_M_X64)
#define GNG_X86_64 1
#elif defined(__aarch64__) || defined(_M_ARM64)
#define GNG_ARM64 1
#endif

/* Compilers judge by themselves what to inline, and would often leave out what only then has a constant dimension. */
#if defined(__GNUC__) || defined(__clang__)
#define GNG_INLINE static inline __attribute__((always_inline))
#elif defined(_MSC_VER)
#define GNG_INLINE static __forceinline
#else
#define GNG_INLINE static inline
#endif

/* `void` for a function that Cython declares inline, and that is to be inlined whatever the compiler thinks of it. */
#if defined(__GNUC__) || defined(__clang__)
#define gng_inlined_void __attribute__((always_inline)) void
#else
#define gng_inlined_void void
#endif

#endif
