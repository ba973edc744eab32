"""Extensions in C and C++ are compiled against the headers of the installed package alone, and run."""

import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

import numpy as np
import pytest
from example_networks import data, trained

import gng_fast
from gng_fast import Network, Signals

EXAMPLES = pathlib.Path(__file__).parent / "embedding"
HEADERS = pathlib.Path(gng_fast.get_include())
DOCS = pathlib.Path(__file__).parents[2] / "docs" / "embedding.md"


def compiler(name, default):
    command = (sysconfig.get_config_var(name) or default).split()
    found = shutil.which(command[0]) or shutil.which(default)
    if sys.platform == "win32" or not found:
        pytest.skip(f"there is no compiler of the kind that takes -shared: {default}")
    return found


def compiled(folder, sources, *flags):
    """Compile sources to one extension in `folder`, and import it."""
    name = pathlib.Path(sources[0]).stem
    path = folder / f"{name}.so"
    is_c = str(sources[0]).endswith(".c")
    command = [
        compiler("CC", "gcc") if is_c else compiler("CXX", "g++"),
        *("-O2", "-Wall", "-Wextra", "-Werror=return-type", "-shared", "-fPIC", "-pthread"),
        *(["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []),
        "-std=c11" if is_c else "-std=c++17",
        *(f"-I{folder}" for folder in (sysconfig.get_path("include"), HEADERS)),
        *flags,
        *map(str, sources),
        *("-o", str(path)),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    assert "gng_fast.h" not in done.stderr, done.stderr
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("plain"), [EXAMPLES / "plain.c"])


@pytest.fixture(scope="module")
def threads(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("threads"), [EXAMPLES / "threads.cpp"])


@pytest.mark.parametrize("d", [1, 2, 3, 16])
@pytest.mark.parametrize("block", [1, 1000, 5000])
def test_plain_c_trains_as_python_does(plain, d, block):
    X = data(d)
    network = plain.train(X.tobytes(), d, 3, block)
    assert type(network) is Network
    assert network.graph() == trained(X).graph()


def test_errors_in_c_are_exceptions_with_the_same_words(plain):
    with pytest.raises(ValueError, match="^ValueError: n_features must be in "):
        plain.train(b"", 0, 3, 1)
    X = data(2)
    X[4000, 1] = np.nan
    with pytest.raises(ValueError, match="^ValueError: X must hold finite numbers"):
        plain.train(X.tobytes(), 2, 3, 1000)


def test_no_network_is_kept(plain):
    network = plain.train(data(2, 100).tobytes(), 2, 3, 100)
    assert sys.getrefcount(network) == sys.getrefcount(trained(data(2, 100)))


def test_threads_that_python_does_not_know(threads):
    first, second = threads.side_by_side()
    assert first.n_signals == second.n_signals == 20_000 and first.n_nodes == second.n_nodes == 202
    assert first.graph() == second.graph()  # a seed plays no part where signals come in order


def test_a_failure_is_read_in_its_thread(threads):
    with pytest.raises(ValueError, match="variant"):
        threads.with_parameters(7, 0.0, 0.0, 0.01)
    status, message, message_here = threads.failing()
    assert status == -1 and message.startswith("ValueError: X must hold finite numbers")
    assert message_here.startswith("ValueError: variant must be ")


def test_another_thread_stops_training(threads):
    status, network = threads.stopped()
    assert status == -4
    before = network.n_signals
    assert 0 < before < 10**10
    network.train(Signals(data(2), "order"), 5000)  # it goes on as if nothing had been
    assert network.n_signals == before + 5000


def test_every_parameter_arrives(threads):
    network = threads.with_parameters(0, 3.0, 0.25, 0.01)
    assert network.parameters == Network(3, utility=3.0, min_distance=0.25).parameters
    about, _ = network.as_arrays()
    expected = Network(3, utility=3.0, min_distance=0.25)
    expected.anneal(0.01, None, 1000)
    assert about["annealing"] == expected.as_arrays()[0]["annealing"]
    assert threads.with_parameters(1, 0.0, 0.0, 0.01).parameters["variant"] == "neupy"
    with pytest.raises(ValueError, match="^ValueError: variant must be "):
        threads.with_parameters(7, 0.0, 0.0, 0.01)
    with pytest.raises(ValueError, match="^ValueError: eps_b_end must be "):
        threads.with_parameters(0, 0.0, 0.0, 7.0)


def test_pybind11(tmp_path):
    pybind11 = pytest.importorskip("pybind11")
    module = compiled(tmp_path, [EXAMPLES / "bound_pybind11.cpp"], f"-I{pybind11.get_include()}")
    X = data(2)
    assert module.train(X, 3).graph() == trained(X).graph()


def test_nanobind(tmp_path):
    nanobind = pytest.importorskip("nanobind")
    folder = pathlib.Path(nanobind.include_dir())
    module = compiled(
        tmp_path,
        [EXAMPLES / "bound_nanobind.cpp", pathlib.Path(nanobind.source_dir()) / "nb_combined.cpp"],
        *(f"-I{folder}", f"-I{folder.parent / 'ext/robin_map/include'}", "-fno-strict-aliasing"),
    )
    X = data(2)
    assert module.train(X, 3).graph() == trained(X).graph()


def test_an_import_that_failed_is_not_overlooked(tmp_path):
    """Whoever does not look at it would call through a null pointer."""
    careless = tmp_path / "careless.cpp"
    careless.write_text('#include "gng_fast.hpp"\nvoid begin() { gng::import(); }\n')
    command = [
        compiler("CXX", "g++"),
        "-std=c++17",
        "-fsyntax-only",
        f"-I{sysconfig.get_path('include')}",
        f"-I{HEADERS}",
    ]
    done = subprocess.run([*command, str(careless)], capture_output=True, text=True)
    assert done.returncode == 0 and "nodiscard" in done.stderr, done.stderr


def test_the_module_in_the_docs(tmp_path):
    pybind11 = pytest.importorskip("pybind11")
    blocks = re.findall(r"```cpp\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    (source,) = (block for block in blocks if "PYBIND11_MODULE" in block)
    (tmp_path / "mine.cpp").write_text(source, encoding="utf-8")
    X = data(2)
    expected = Network(2)
    expected.start(X[:2])
    expected.train(Signals(X, "order"), len(X))
    module = compiled(tmp_path, [tmp_path / "mine.cpp"], f"-I{pybind11.get_include()}")
    assert module.train(X).graph() == expected.graph()
    with pytest.raises(RuntimeError, match="^ValueError: X must hold finite numbers"):
        module.train(X * np.float32(np.nan))
