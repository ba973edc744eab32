"""Build the example: `python setup.py build_ext --inplace`. Nothing of gng_fast is named: Cython finds what it cimports."""

from setuptools import Extension, setup

setup(name="embedded", ext_modules=[Extension("embedded", ["embedded.pyx"])])
