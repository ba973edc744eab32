/* What of Microsoft's <errno.h> the sources and Python's headers use. */
#pragma once
int *_errno(void);
#define errno (*_errno())
#define EINTR 4
#define ENOMEM 12
#define ERANGE 34
