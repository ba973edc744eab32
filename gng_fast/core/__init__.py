"""The compiled core: see README.md beside this file for the order in which to read it."""
