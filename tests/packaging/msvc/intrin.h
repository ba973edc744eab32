/* Clang's own <intrin.h>, and what only Microsoft's has. */
#pragma once
#include_next <intrin.h>
#if defined(_M_ARM64)
#define ARM64_SYSREG(op0, op1, crn, crm, op2) \
    (((op0 & 1) << 14) | ((op1 & 7) << 11) | ((crn & 15) << 7) | ((crm & 15) << 3) | ((op2 & 7) << 0))
#define ARM64_FPCR ARM64_SYSREG(3, 3, 4, 4, 0)
#endif
