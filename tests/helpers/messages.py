"""What a call must say when it fails."""

import re

import pytest


def raises(error: type[Exception], message: str) -> "pytest.RaisesExc[Exception]":
    """A context in which this error must be raised, with exactly this message."""
    return pytest.raises(error, match="^" + re.escape(message) + "$")
