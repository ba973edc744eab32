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

#endif
