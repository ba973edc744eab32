/* GNG_ASSERT(name, condition): the build ends here unless the condition, a constant, holds. Not _Static_assert, which MSVC
   does not know without /std:c11. */
#ifndef GNG_STATIC_ASSERT_H
#define GNG_STATIC_ASSERT_H

#define GNG_ASSERT(name, condition) typedef char gng_assert_##name[(condition) ? 1 : -1]

#endif
