/* What of Microsoft's <stdlib.h> the sources use. */
#pragma once
#include <stddef.h>
void *malloc(size_t), *calloc(size_t, size_t), *realloc(void *, size_t);
void free(void *), abort(void), exit(int), qsort(void *, size_t, size_t, int (*)(const void *, const void *));
int abs(int), atoi(const char *);
long long _abs64(long long);
char *getenv(const char *);
double strtod(const char *, char **);
long strtol(const char *, char **, int);
