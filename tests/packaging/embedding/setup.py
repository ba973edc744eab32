"""Build the example: `python setup.py build_ext --inplace`. gng_fast is not named: Cython finds what it cimports."""

from setuptools import Extension, setup

setup(name="embedded", ext_modules=[Extension("embedded", ["embedded.pyx"])])
