"""What tests of several commands share."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the command line runs in, which is empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
