/* The message of the last failure in each thread, for callers that have no Python exceptions. */

#ifndef GNG_LAST_ERROR_H
#define GNG_LAST_ERROR_H

#include <string.h>

#if defined(_MSC_VER)
static __declspec(thread) char gng_message[512];
#else
static _Thread_local char gng_message[512];
#endif

/* Keep the message, cut where a character of UTF-8 ends. */
static inline void gng_keep_message(const char *text) {
    size_t n = strlen(text);
    if (n >= sizeof gng_message) {
        n = sizeof gng_message - 1;
        while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
    }
    memcpy(gng_message, text, n);
    gng_message[n] = 0;
}

static inline const char *gng_last_message(void) { return gng_message; }

#endif
