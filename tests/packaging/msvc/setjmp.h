/* What of Microsoft's <setjmp.h> Clang's own headers use. */
#pragma once
typedef struct { long long part[2]; } _JBTYPE;
typedef _JBTYPE jmp_buf[24];
int setjmp(jmp_buf);
