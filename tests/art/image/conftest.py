"""What every test of pictures has: no warnings, and a way to save a picture."""

import warnings

import pytest


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def save(tmp_path):
    from PIL import Image

    def save(picture, name, **options):
        path = tmp_path / name
        picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        picture.save(path, **options)
        return path

    return save
