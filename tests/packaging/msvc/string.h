/* What of Microsoft's <string.h> the sources use. */
#pragma once
#include <stddef.h>
void *memcpy(void *, const void *, size_t), *memmove(void *, const void *, size_t), *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t), strcmp(const char *, const char *), strncmp(const char *, const char *, size_t);
size_t strlen(const char *);
char *strchr(const char *, int), *strrchr(const char *, int), *strstr(const char *, const char *), *strcpy(char *, const char *);
char *strdup(const char *), *strerror(int), *strncpy(char *, const char *, size_t);
