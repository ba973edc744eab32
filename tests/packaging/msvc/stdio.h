/* What of Microsoft's <stdio.h> the sources and Python's headers use. */
#pragma once
#include <stddef.h>
typedef struct { void *placeholder; } FILE;
FILE *__acrt_iob_func(unsigned);
#define stdin (__acrt_iob_func(0))
#define stdout (__acrt_iob_func(1))
#define stderr (__acrt_iob_func(2))
#define EOF (-1)
int printf(const char *, ...), fprintf(FILE *, const char *, ...), snprintf(char *, size_t, const char *, ...);
int sprintf(char *, const char *, ...), putchar(int), fputs(const char *, FILE *), fflush(FILE *);
int vsnprintf(char *, size_t, const char *, __builtin_va_list);
