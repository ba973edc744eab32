"""Archives that claim more than they are: each is refused before memory is taken, and nothing waits for ever."""

import io
import os
import struct
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals, export
from gng_fast.core import saved_network
from gng_fast.npz import Field, Schema, read, write

pytestmark = pytest.mark.faults

SCHEMA = Schema("gng_fast thing", 3, {"a": Field(("f4", "f8"), 2), "b": Field(("i8",), 1, optional=True)})
ARRAYS = {"a": np.arange(6.0).reshape(3, 2), "b": np.arange(4)}
MOST_MEGABYTES = 32

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")


def written(arrays=ARRAYS, schema=SCHEMA):
    file = io.BytesIO()
    write(file, schema, arrays)
    return file


def npy(shape, descr="<f8"):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": descr, "fortran_order": False, "shape": shape})
    return header.getvalue()


def archive_with(path, members, compression=zipfile.ZIP_STORED, format="gng_fast graph"):
    """Write an archive with the head of a format, unless the members have one, and the members, name -> bytes."""
    head = {} if "format" in members else {"format": np.array(format), "version": np.array(1)}
    about = {} if format == "gng_fast graph" else {"about": np.frombuffer(b"{}", np.uint8)}
    np.savez(path, **head, **about)
    with zipfile.ZipFile(path, "a", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


# ---- what is written is read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", "<>")
def test_the_same_arrays_come_back(order):
    arrays = {name: array.astype(array.dtype.newbyteorder(order)) for name, array in ARRAYS.items()}
    file = io.BytesIO()
    np.savez(file, format=np.array("gng_fast thing"), version=np.array(3, f"{order}i8"), **arrays)
    for source in file, written(arrays):
        found = read(source, SCHEMA)
        assert list(found) == ["a", "b"]
        for name, array in ARRAYS.items():
            assert found[name].dtype == array.dtype and np.array_equal(found[name], array)
            assert found[name].flags.writeable and found[name].flags.c_contiguous


def test_more_than_one_chunk(monkeypatch):
    monkeypatch.setattr("gng_fast.npz._CHUNK", 2**13)
    a = np.random.default_rng(0).random((3333, 7))
    assert np.array_equal(read(written({"a": a}), SCHEMA)["a"], a)


def test_optional_and_required_fields():
    assert list(read(written({"a": ARRAYS["a"]}), SCHEMA)) == ["a"]
    with pytest.raises(ValueError, match="^it has no field 'a'"):
        read(written({"b": ARRAYS["b"]}), SCHEMA)
    with pytest.raises(ValueError, match="^it has an unknown field 'c'"):
        read(written({**ARRAYS, "c": ARRAYS["b"]}), SCHEMA)
    with pytest.raises(ValueError, match="^its field 'b' must have 1 dimensions of i8, got shape .4,. of float64"):
        read(written({**ARRAYS, "b": np.zeros(4)}), SCHEMA)


def test_the_same_arrays_give_the_same_bytes():
    assert written().getvalue() == written().getvalue()


# ---- archives that lie ----------------------------------------------------------------------------------------------

# The peak since the program began: ru_maxrss would count what the process was before that, a copy of this one.
MEASURE = """
import sys
from gng_fast import GrowingNeuralGas, Network, export
load = {"graph": export.read_npz, "model": GrowingNeuralGas.load, "network": Network.load}[sys.argv[1]]
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
before = peak()
try:
    load(sys.argv[2])
    print("loaded")
except Exception as error:
    print(type(error).__name__, error)
print((peak() - before) // 1024)
"""
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's count of a program's memory")


def loaded_by_another_process(kind, path, timeout=60):
    """What a process that loads the file says, and by how many megabytes its peak of memory grew."""
    ran = subprocess.run([sys.executable, "-c", MEASURE, kind, path], capture_output=True, text=True, timeout=timeout)
    assert ran.returncode == 0, ran.stderr
    said, megabytes = ran.stdout.splitlines()
    return said, int(megabytes)


ZEROS = bytes(100_000_000)
EMPTY = {"edges.npy": npy((0, 2), "<i8"), "ages.npy": npy((0,), "<i8"), "errors.npy": npy((0,))}
LIES = {
    "a compressed format that is no array": ({"format": ZEROS}, zipfile.ZIP_DEFLATED, "is compressed"),
    "a compressed array": ({"nodes.npy": npy((12_500_000, 2), "<f4") + ZEROS}, zipfile.ZIP_DEFLATED, "is compressed"),
    "a header beyond the file": (
        {"nodes.npy": npy((2**41, 2), "<f4")},
        zipfile.ZIP_STORED,
        "as many numbers as it says",
    ),
    "a member that is no array": ({"nodes.npy": b"dear reader"}, zipfile.ZIP_STORED, "magic string is not correct"),
}


@linux
@pytest.mark.parametrize("kind", ["graph", "model", "network"])
@pytest.mark.parametrize("lie", LIES)
def test_nothing_is_inflated_or_allocated(lie, kind, tmp_path):
    members, compression, reason = LIES[lie]
    path = archive_with(tmp_path / "x.npz", EMPTY | members, compression, f"gng_fast {kind}")
    assert path.stat().st_size < 120_000
    said, megabytes = loaded_by_another_process(kind, path)
    assert said.startswith(f"ValueError cannot read '{path}': ")
    assert reason in said
    assert megabytes < MOST_MEGABYTES


def test_a_size_that_the_file_does_not_have(tmp_path):
    """The directory says what the header says: only the file itself shows that it is not there."""
    data = bytearray(archive_with(tmp_path / "x.npz", {"nodes.npy": npy((2**24, 2))}).read_bytes())
    size = struct.pack("<I", len(npy((2**24, 2))))
    claimed = struct.pack("<I", len(npy((2**24, 2))) + 2**28)
    entry = data.rindex(b"PK\1\2")
    data[entry + 20 : entry + 28] = claimed * 2
    assert size not in data[entry:]
    (tmp_path / "x.npz").write_bytes(data)
    with pytest.raises(ValueError, match="its fields claim to be larger than the file"):
        export.read_npz(tmp_path / "x.npz")


def test_two_members_in_one_place(tmp_path):
    """Each is within the file, and both together are larger."""
    content = npy((1000, 2)) + bytes(16_000)
    data = bytearray(archive_with(tmp_path / "x.npz", {"edges.npy": content, "nodes.npy": content}).read_bytes())
    last = data.rindex(b"PK\1\2")
    first = data.rindex(b"PK\1\2", 0, last)
    start, end = struct.unpack_from("<I", data, first + 42)[0], struct.unpack_from("<I", data, last + 42)[0]
    struct.pack_into("<I", data, last + 42, start)
    del data[end : data.index(b"PK\1\2")]
    struct.pack_into("<I", data, len(data) - 6, data.index(b"PK\1\2"))
    (tmp_path / "x.npz").write_bytes(data)
    with pytest.raises(ValueError, match="its fields claim to be larger than the file"):
        export.read_npz(tmp_path / "x.npz")


@linux
def test_a_directory_of_a_million_members(tmp_path):
    """An archive of 60 MB that is all directory would become objects of a gigabyte."""
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", 8) + bytes(16)
    directory = b"".join(entry + b"%08d" % i for i in range(1_000_000))
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(directory), 0, 0)
    (tmp_path / "x.npz").write_bytes(directory + end)
    said, megabytes = loaded_by_another_process("graph", tmp_path / "x.npz")
    assert said.endswith("it has too many fields") and megabytes < MOST_MEGABYTES


# ---- networks that claim memory -------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 3, 4, 33, 100])
@pytest.mark.parametrize("max_nodes", [2, 100, 5000])
@pytest.mark.parametrize("utility", [None, 3])
def test_reckoned_memory_is_the_memory(d, max_nodes, utility):
    network = Network(d, max_nodes=max_nodes, utility=utility)
    empty_index = 16 * 8 * 4 * (1 + (d if d < 32 else 0))
    reckoned = saved_network.network_nbytes(d, max_nodes, utility=utility is not None)
    assert network.nbytes - empty_index == reckoned


def test_reckoned_memory_of_fixed_nodes_and_permanent_edges():
    network = Network(2, max_nodes=500)
    index = network.nbytes - saved_network.network_nbytes(2, 500)
    network.start([[0, 0], [1, 1]], [(0, 1)], fixed=True, permanent=True)
    reckoned = saved_network.network_nbytes(2, 500, fixed=True, permanent=True)
    assert network.nbytes == reckoned + index + 2 * 2 * 4  # where the fixed nodes won last


def small_file(path, d=2, kind="network", **parameters):
    """A file of a network of two nodes, whose max_nodes says what it would take."""
    X = np.random.default_rng(0).random((100, d), dtype=np.float32)
    if kind == "model":
        GrowingNeuralGas(1000, n_epochs=1, lam=2**40, random_state=0, **parameters).fit(X).save(path)
    else:
        network = Network(d, **parameters)
        network.start(X[:2])
        network.save(path)
    return path


def claiming(path, max_nodes):
    """The same file with another max_nodes."""
    with np.load(path) as file:
        fields = dict(file)
    old = fields["about"].tobytes()
    new = old.replace(b'"max_nodes":1000', b'"max_nodes":%d' % max_nodes)
    assert old != new
    np.savez(path, **{**fields, "about": np.frombuffer(new, np.uint8)})
    return path


@linux
@pytest.mark.parametrize("kind", ["network", "model"])
@pytest.mark.parametrize("max_nodes", [10**7, 2**30])
def test_a_small_file_gets_little_memory(kind, max_nodes, tmp_path):
    path = claiming(small_file(tmp_path / "x.npz", kind=kind, utility=3), max_nodes)
    assert path.stat().st_size < 10_000
    said, megabytes = loaded_by_another_process(kind, path)
    assert f"max_nodes = {max_nodes} of 2 features take " in said and "load(..., max_bytes=" in said
    assert megabytes < MOST_MEGABYTES


@pytest.mark.parametrize("load", [Network.load, GrowingNeuralGas.load])
def test_max_bytes(load, tmp_path):
    path = small_file(tmp_path / "x.npz", kind="network" if load == Network.load else "model", d=5)
    needed = saved_network.network_nbytes(5, 1000)
    assert load(path, max_bytes=needed) is not None
    with pytest.raises(
        ValueError,
        match=rf"^cannot read .*more than the {needed - 1} allowed: load\(\.\.\., max_bytes={needed}\) allows",
    ):
        load(path, max_bytes=needed - 1)
    for wrong, error in ((-1, ValueError), ("much", TypeError), (True, TypeError)):
        with pytest.raises(error, match="^max_bytes must be"):
            load(path, max_bytes=wrong)


def test_a_network_that_may_still_grow_a_lot_is_loaded(tmp_path):
    """It has 10,000 of a million nodes in the plane; in 100 dimensions it takes the option, and the message says so."""
    X = np.random.default_rng(0).random((10_000, 2), dtype=np.float32)
    network = Network(2, max_nodes=10**6)
    network.start(X)
    network.train(Signals(X), 1000)
    network.save(tmp_path / "x.npz")
    assert Network.load(tmp_path / "x.npz").graph() == network.graph()
    path = small_file(tmp_path / "wide.npz", d=100, max_nodes=10**6)
    with pytest.raises(ValueError) as caught:
        Network.load(path)
    allowed = int(str(caught.value).rsplit("max_bytes=")[1].split(")")[0])
    assert Network.load(path, max_bytes=allowed).parameters["max_nodes"] == 10**6


def test_copies_and_pickles_have_no_limit():
    import copy

    network = Network(100, max_nodes=10**6)
    assert copy.copy(network).parameters == network.parameters


def test_too_long_names_are_refused_when_they_are_written(tmp_path):
    about = {"names": ["x" * 2**20] * 16}
    with pytest.raises(ValueError, match="must take at most 16777216 bytes, got"):
        saved_network.write(tmp_path / "x.npz", saved_network.NETWORK, about, {})
    assert not (tmp_path / "x.npz").exists()
    about = np.zeros(2**24 + 1, np.uint8)
    schema = saved_network.schema_of("gng_fast thing", {})
    file = written({"about": about}, schema)
    with pytest.raises(ValueError, match="its field 'about' must have at most 16777216 bytes, got 16777217"):
        saved_network.read(file, schema)


# ---- paths and open files -------------------------------------------------------------------------------------------

GRAPH = Graph([[0, 0], [3, 4], [1, 1]], [(0, 1), (1, 2)], [3, 4], [0.5, 1, 2])


def trained():
    X = np.random.default_rng(0).random((500, 2))
    return GrowingNeuralGas(30, lam=10, n_epochs=2, random_state=0).fit(X)


def same(one, other):
    one, other = (it if isinstance(it, Graph) else getattr(it, "graph_", None) or it.graph() for it in (one, other))
    return one == other


ROUND_TRIPS = {
    "model": (trained, GrowingNeuralGas.save, GrowingNeuralGas.load),
    "network": (lambda: trained().network_, Network.save, Network.load),
    "npz": (lambda: GRAPH, export.write_npz, export.read_npz),
    "json": (lambda: GRAPH, export.write_json, export.read_json),
}


@pytest.mark.parametrize("kind", ROUND_TRIPS)
def test_open_files(kind, tmp_path):
    make, save, load = ROUND_TRIPS[kind]
    thing = make()
    save(thing, tmp_path / "x")
    buffer = io.BytesIO()
    save(thing, buffer)
    assert buffer.getvalue() == (tmp_path / "x").read_bytes()
    buffer.seek(0)
    assert same(load(buffer), thing) and not buffer.closed
    with open(tmp_path / "y", "w+b") as file:
        save(thing, file)
        file.seek(0)
        assert same(load(file), thing) and not file.closed


@pytest.mark.parametrize("kind", ROUND_TRIPS)
def test_files_that_are_not_binary(kind, tmp_path):
    make, save, load = ROUND_TRIPS[kind]
    for file in io.StringIO(), 3, None:
        with pytest.raises(TypeError, match="^a file must be .*, got "):
            save(make(), file)
        with pytest.raises(TypeError, match="^a file must be .*, got "):
            load(file)


def test_errors_of_open_files_name_them(tmp_path):
    with pytest.raises(ValueError, match="^cannot read the open file: it is damaged or not an npz file"):
        Network.load(io.BytesIO(b"dear reader"))
    (tmp_path / "x").write_bytes(b"dear reader")
    with open(tmp_path / "x", "rb") as file, pytest.raises(ValueError, match="^cannot read '.*x': it is damaged"):
        Network.load(file)


@posix
def test_a_stream_that_cannot_seek():
    read_end, write_end = os.pipe()
    with open(read_end, "rb") as file, open(write_end, "wb"):
        with pytest.raises(ValueError, match="cannot seek; read it into an io.BytesIO first"):
            Network.load(file)


@posix
@pytest.mark.parametrize("kind", ROUND_TRIPS)
def test_what_is_no_regular_file_is_refused_at_once(kind, tmp_path):
    load = {
        "model": "GrowingNeuralGas.load",
        "network": "Network.load",
        "npz": "export.read_npz",
        "json": "export.read_json",
    }[kind]
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        (tmp_path / "pipe", "it is not a regular file"),
        ("/dev/zero", "it is not a regular file"),
        (tmp_path, "it is a folder"),
    ):
        code = f"""
            import sys
            from gng_fast import GrowingNeuralGas, Network, export
            try:
                {load}(sys.argv[1])
            except OSError as error:
                print(error)
        """
        ran = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), path], capture_output=True, text=True, timeout=30, check=True
        )
        assert ran.stdout == f"cannot read '{path}': {reason}\n"
