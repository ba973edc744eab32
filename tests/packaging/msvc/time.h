/* What of Microsoft's <time.h> the sources and Python's headers use. */
#pragma once
typedef long long time_t;
typedef long clock_t;
struct timespec { time_t tv_sec; long tv_nsec; };
struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; };
#define TIME_UTC 1
int timespec_get(struct timespec *, int);
time_t time(time_t *);
