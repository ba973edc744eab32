/* What of Microsoft's <ctype.h> the sources and Python's headers use. */
#pragma once
int isalpha(int), isalnum(int), isdigit(int), isspace(int), isupper(int), islower(int), tolower(int), toupper(int);
