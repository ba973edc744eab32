"""The targets of tests/faults/fuzz.py.

For each kind of file there are valid ones to start from, a mutator that knows the format, and what has to hold for any
bytes at all.
"""

import copy
import functools
import io
import json
import math
import random
import struct
import zlib

import numpy as np

INTEGERS = [
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    9,
    20,
    63,
    64,
    65,
    255,
    256,
    4095,
    4096,
    2**15,
    2**16,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**53,
    2**62,
    2**63 - 1,
    2**63,
    2**64 - 1,
    2**64,
    10**400,
]
FLOATS = [
    0.0,
    0.5,
    1.0,
    1e-9,
    1e-38,
    1.4e-45,
    1e-320,
    1e6,
    1e15,
    2e15,
    1e19,
    3.4e38,
    2.0**511,
    2.0**512,
    1.7e308,
    float("inf"),
    float("nan"),
]
WORDS = [
    None,
    True,
    False,
    "",
    "1",
    "auto",
    "brute",
    "grid",
    "leaves",
    "fritzke",
    "neupy",
    "order",
    [],
    [1],
    {},
    {"a": 1},
]
SCALES = [0.0, 1e-38, 1e-6, 1.0, 1e6, 1e15]


class Finding(Exception):
    """Something held that must not, or did not hold that must."""


def expect(condition, what):
    if not condition:
        raise Finding(what)


def refuse_only(action, errors):
    """The result of `action`, or None where it raises one of the documented errors with a message of one line."""
    try:
        return action()
    except errors as error:
        expect(str(error) and "\n" not in str(error).strip(), f"the message of {error!r} is not one line")
        return None


def odd(rng):
    """A number, mostly one at which something ends."""
    value = copy.copy(rng.choice(rng.choice([INTEGERS, FLOATS, WORDS])))
    return -value if type(value) in (int, float) and rng.random() < 0.2 else value


def mutate_bytes(data, rng):
    """Bits turned, bytes written, taken out, doubled; numbers of 2, 4, 8 bytes that mean something."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 16])):
        if not data:
            return rng.randbytes(rng.randrange(64))
        at, length = rng.randrange(len(data)), rng.choice([1, 2, 4, 8, 32, 256])
        kind = rng.randrange(6)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + length] = rng.randbytes(length)
        elif kind == 2:
            del data[at : at + length]
        elif kind == 3:
            data[at:at] = data[rng.randrange(len(data)) :][:length]
        elif kind == 4:
            code = rng.choice("<>") + rng.choice("BHIQ")
            number = rng.choice(INTEGERS) % 256 ** struct.calcsize(code)
            data[at : at + struct.calcsize(code)] = struct.pack(code, number)
        else:
            del data[at if rng.random() < 0.2 else len(data) :]
    return bytes(data)


def mutate_tree(tree, rng):
    """Change one value somewhere in what JSON can hold; return it."""
    if isinstance(tree, dict) and tree and rng.random() < 0.95:
        name = rng.choice(list(tree))
        if rng.random() < 0.03:
            del tree[name]
        else:
            tree[name] = mutate_tree(tree[name], rng)
        return tree
    if isinstance(tree, list) and tree and rng.random() < 0.9:
        at = rng.randrange(len(tree))
        if rng.random() < 0.1:
            del tree[at : at + rng.choice([1, 1000])]
        elif rng.random() < 0.1:
            tree[at:at] = copy.deepcopy(tree[: rng.choice([1, 2, 1000])])
        else:
            tree[at] = mutate_tree(tree[at], rng)
        return tree
    if type(tree) in (int, float) and abs(tree) < 1e300 and rng.random() < 0.5:
        return rng.choice([tree + 1, tree - 1, tree * 2, tree / 2, -tree, tree * 1e9, 1 - tree])
    return odd(rng)


# ---- npz ------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def read_arrays(data):
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file}


def read_fields(data):
    """The arrays of an npz file by name, JSON ("about") as what it says; None if it is not one."""
    try:
        fields = dict(read_arrays(data))
        return fields | ({"about": json.loads(fields["about"].tobytes())} if "about" in fields else {})
    except Exception:
        return None


def npy(array, rng=None):
    """An array as an npy file; with `rng` its header may lie."""
    descr, shape, columns_first = array.dtype.str, array.shape, False
    if rng and rng.random() < 0.02:
        descr = rng.choice(
            ["|O", "<f8", ">f4", "|V4", "<U3", "|S9", "<c8", "<M8[s]", "<i4", "|u1", "<f2", "[('a', '<f4')]"]
        )
    if rng and rng.random() < 0.02:
        shape = rng.choice(
            [(), (0,), (-1,), (2**40, 2), (2**63, 2**63), (1, *shape), shape[1:], tuple(reversed(shape))]
        )
    if rng and rng.random() < 0.01:
        columns_first = True
    text = f"{{'descr': {descr!r}, 'fortran_order': {columns_first}, 'shape': {shape}, }}".encode()
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + array.tobytes()


def write_fields(fields, rng=None):
    """An npz file with the right checksums, of what `read_fields` gave. (zipfile takes longer than the reader.)"""
    files, directory = b"", b""
    for name, value in fields.items():
        if name == "about":
            value = np.frombuffer(json.dumps(value).encode(), np.uint8)
        path, content, method = f"{name}.npy".encode(), npy(np.asarray(value), rng), 0
        check, size = zlib.crc32(content), len(content)
        if rng and rng.random() < 0.003:
            content, method = zlib.compress(content, wbits=-15), 8
        about = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 33, check, len(content), size, len(path), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(files)) + path
        files += b"PK\3\4" + about + path + content
    end = struct.pack("<HHHHIIH", 0, 0, len(fields), len(fields), len(directory), len(files), 0)
    return files + directory + b"PK\5\6" + end


def mutate_array(array, rng):
    array, kind = np.array(array), rng.randrange(8)
    if kind < 5 and array.size and array.dtype.kind in "fiub":
        numbers = FLOATS if array.dtype.kind == "f" else INTEGERS[:-1]
        with np.errstate(over="ignore"):
            value = (
                np.array(rng.choice(numbers) * rng.choice([1, 1, -1])).astype(array.dtype, casting="unsafe")
                if array.dtype.kind == "f"
                else np.array([rng.choice(numbers) % 2**64], np.uint64).astype(array.dtype)[0]
            )
        if kind == 4:
            array[...] = value
        else:
            array.flat[rng.randrange(array.size)] = value
        return array
    if kind == 5 and array.ndim:
        return array[: rng.randrange(len(array) + 1)]
    if kind == 6 and array.ndim:
        return np.concatenate([array, array[: rng.randrange(len(array) + 1)]])
    return (
        np.frombuffer(rng.randbytes(array.nbytes), np.uint8).view(array.dtype).reshape(array.shape)
        if array.nbytes
        else array
    )


# ---- saved networks and models --------------------------------------------------------------------------------------


def consistent(fields, rng):
    """Another state of the same parameters in which everything fits together, but nothing need be likely."""
    about = fields["about"].get("network", fields["about"])
    d, given = about["n_features"], about["parameters"]
    numbers = np.random.default_rng(rng.getrandbits(64))
    n = min(rng.choice([0, 1, 2, 3, 8, 24, 80]), given["max_nodes"], 1000 // d)
    scale = rng.choice(SCALES)
    nodes = (numbers.integers(-2, 3, (n, d)) if rng.random() < 0.5 else numbers.uniform(-1, 1, (n, d))) * scale
    pairs = np.array([(a, b) for a in range(n) for b in range(a + 1, n)], np.int64).reshape(-1, 2)
    edges = pairs[numbers.random(len(pairs)) < rng.choice([0, 0.1, 1])]
    fields.update(
        nodes=nodes.astype(np.float32),
        edges=edges,
        errors=numbers.choice([0.0, 5e-324, 1.0, 1e30, 1.7e308], n),
        ages=numbers.choice([0, 1, given["max_age"]], len(edges)).astype(np.int64),
    )
    for name in "utilities", "fixed", "last_won", "permanent", "winners", "recent":
        fields.pop(name, None)
    if "clusters" in fields["about"]:
        fields["about"]["clusters"] = None
        for name in [name for name in fields if name.startswith(("cluster_", "landscape_", "hill_"))]:
            del fields[name]
    if given["utility"] is not None:
        fields["utilities"] = numbers.choice([0.0, 1.0, 1.7e308], n)
    if rng.random() < 0.4:
        fields["fixed"] = numbers.random(n) < rng.choice([0.2, 1])
        fields["last_won"] = (numbers.uniform(-1, 1, (int(fields["fixed"].sum()), d)) * scale).astype(np.float32)
    if rng.random() < 0.4:
        fields["permanent"] = numbers.random(len(edges)) < rng.choice([0.2, 1])
    about["error_scale"] = rng.choice([1.0, 2.0**200, 2.0**512])
    about["until_insertion"] = rng.choice([1, given["lam"]])
    if rng.random() < 0.3:
        for name in about["annealing"]:
            ends = [0, 1, 4095, 4096] if name == "stage" else [0, 1, 4097, 2**62, 2**63 - 1]
            about["annealing"][name] = rng.choice([0.0, 1e-320, 1.4e-45, 0.5, 1.0] if name.startswith("eps") else ends)
        for name in "n_signals", "distance_count":
            about[name] = rng.choice([0, 2**62, 2**63 - 1])


class Saved:
    """Saved networks and models: one error that names the file, or a network that trains, the same in every index."""

    def __init__(self):
        from gng_fast import GrowingNeuralGas, Network
        from gng_fast.core import network as _core

        self.network, self.model, self.restored = Network, GrowingNeuralGas, _core.restored

    def seeds(self, path):
        from gng_fast import Graph, Signals

        rng = np.random.default_rng(0)
        networks = []
        for d, parameters in (
            (1, {}),
            (2, {"utility": 3}),
            (2, {"search": "grid"}),
            (3, {"variant": "neupy"}),
            (5, {}),
            (6, {"search": "leaves"}),
            (33, {"utility": 1.5}),
        ):
            network, X = self.network(d, max_nodes=24, lam=5, max_age=8, **parameters), rng.random((60, d))
            network.start(
                X[:12],
                [(0, 1), (1, 2), *((3, k) for k in range(4, 12))],
                np.arange(12) % 5 == d % 5,
                np.arange(10) % 4 == d % 4,
            )
            if d == 5:
                network.anneal(0.01, 0.0, 500)
            network.train(Signals(X), 200)
            networks.append(network)
        networks += [self.network(2), self.network(4, max_nodes=2, lam=2**63)]
        X = rng.random((40, 2))
        models = [
            self.model(12, lam=5, n_epochs=2, random_state=1, **parameters).fit(X * scale + offset)
            for scale, offset, parameters in (
                (1, 0, {}),
                (1e-8, 1e-3, {"jitter": 1e-9, "eps_b_end": 0.01}),
                (1, 1e7, {"init": Graph(X[:3] + 1e7, [(0, 1)]), "fixed_init": True}),
            )
        ]
        for it in networks + models:
            it.save(path)
            yield path.read_bytes()

    def mutate(self, data, rng, others):
        if rng.random() < 0.15:
            return mutate_bytes(data, rng)
        fields = read_fields(data)
        if fields is None or not isinstance(fields.get("about"), dict):
            return mutate_bytes(data, rng)
        if rng.random() < 0.4:
            try:
                consistent(fields, rng)
            except Exception:
                pass  # the file was no longer consistent itself
        for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
            self.change(fields, rng, others)
        return write_fields(fields, rng)

    def change(self, fields, rng, others):
        kind, name = rng.random(), rng.choice(list(fields))
        if kind < 0.45:
            fields["about"] = mutate_tree(fields.get("about"), rng)
        elif kind < 0.9:
            if name != "about":
                fields[name] = mutate_array(fields[name], rng)
        elif kind < 0.94:
            del fields[name]
        else:
            other = read_fields(rng.choice(others))
            name = rng.choice(list(other))
            fields[name] = other[name]

    def check(self, path, data):
        kind = self.model if "model".encode("utf-32-le") in data else self.network
        loaded = refuse_only(lambda: kind.load(path), ValueError)
        if loaded is None:
            return "refused"
        if kind is self.model:
            self.use_model(loaded)
        else:
            self.use(loaded)
        return "loaded"

    def use_model(self, model):
        nodes, d = model.graph_.nodes, model.n_features_in_
        if d > 64:
            return
        X = np.clip(np.concatenate([nodes[:8], np.arange(4 * d).reshape(4, d)]), -1e15, 1e15)
        if len(nodes):
            expect(
                ((labels := refuse_only(lambda: model.predict(X), (ValueError, TypeError, AttributeError))) is None)
                or (labels >= -1).all(),
                "labels out of range",
            )
        refuse_only(lambda: model.partial_fit(X), (ValueError, TypeError))
        self.consistent(model.network_)

    def use(self, network):
        from gng_fast import Signals

        about, arrays = network.as_arrays()
        d, nodes = network.n_features, arrays["nodes"]
        room = 2 - network.n_nodes
        if d > 64 or about["parameters"]["max_nodes"] > 2**20:
            return
        plain = self.restored(self.network, {**about, "search": "brute"}, arrays)
        X = np.concatenate(
            [nodes[:6] + 0.25, nodes[-6:] * 1.5, np.arange(8 * d).reshape(8, d) / 4, np.full((1, d), 1e15)]
        )
        X = np.clip(X, -1e15, 1e15).astype(np.float32)
        for it in network, plain:
            if it.n_nodes < 2:
                it.start(X[-3:-1][:room])
            if it.n_nodes >= 2:
                it.train(Signals(X), 60)
                it.connect_signals(Signals(X), 3)
                it.two_nearest(X)
            self.consistent(it)
        expect(network.graph() == plain.graph(), "another index gave another network")

    def consistent(self, network):
        graph, parameters = network.graph(), network.parameters
        expect((graph.n_nodes, graph.n_edges) == (network.n_nodes, network.n_edges), "counters are wrong")
        expect(graph.n_nodes <= parameters["max_nodes"], "too many nodes")
        expect(graph.ages.max(initial=0) <= parameters["max_age"], "an edge is too old")
        expect((graph.errors >= 0).all(), "an error is negative")
        about, arrays = network.as_arrays()
        expect(self.restored(self.network, about, arrays).graph() == graph, "what was restored differs")


# ---- pictures -------------------------------------------------------------------------------------------------------

PICTURES = [  # mode, format, options
    ("L", "PNG", {}),
    ("RGB", "PNG", {}),
    ("RGBA", "PNG", {}),
    ("LA", "PNG", {}),
    ("1", "PNG", {}),
    ("P", "PNG", {}),
    ("I;16", "PNG", {}),
    ("L", "PNG", {"transparency": 3}),
    ("RGB", "JPEG", {}),
    ("L", "JPEG", {"progressive": True}),
    ("CMYK", "JPEG", {}),
    ("P", "GIF", {"save_all": True}),
    ("P", "GIF", {"transparency": 1}),
    ("RGB", "WEBP", {}),
    ("RGBA", "WEBP", {"lossless": True}),
    ("1", "BMP", {}),
    ("RGB", "BMP", {}),
    ("P", "BMP", {}),
    ("L", "TIFF", {}),
    ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    ("RGBA", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("I;16", "TIFF", {}),
    ("F", "TIFF", {}),
    ("L", "TIFF", {"compression": "packbits"}),
    ("RGB", "PPM", {}),
    ("L", "PCX", {}),
    ("RGBA", "QOI", {}),
    ("RGB", "TGA", {"compression": "tga_rle"}),
    ("RGB", "SGI", {}),
    ("RGBA", "DDS", {}),
    ("RGB", "JPEG2000", {}),
]


class Picture:
    """Pictures of every kind: an ImageError of one line, or an array that all steps take."""

    #: As many pixels as are let through: what more takes time, and shows nothing new.
    LIMIT = 2**16

    def __init__(self):
        from gng_fast.art import image

        self.image = image

    def seeds(self, path):
        from PIL import Image

        ramp = np.arange(12 * 17, dtype=np.uint8).reshape(12, 17)
        for mode, kind, options in PICTURES:
            picture = Image.fromarray(ramp if mode != "I;16" else ramp.astype(np.uint16) * 257)
            picture = picture if mode == "I;16" else picture.convert(mode)
            exif = Image.Exif()
            exif[0x0112] = 6
            more = {"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "TIFF") else {}
            stream = io.BytesIO()
            picture.save(stream, kind, **options, **more)
            yield stream.getvalue()

    def mutate(self, data, rng, others):
        if data.startswith(b"\x89PNG") and rng.random() < 0.7:
            return mutate_png(data, rng)
        if rng.random() < 0.05:
            other = rng.choice(others)
            return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]
        # what stands in front says more than pixels do
        cut = rng.choice([64, 512, len(data)])
        return mutate_bytes(data[:cut], rng) + data[cut:]

    def check(self, path, data):
        image = self.image
        array = refuse_only(lambda: image.load(path, limit=self.LIMIT), image.ImageError)
        if array is None:
            return "refused"
        expect(array.size and array.ndim in (2, 3) and array.shape[0] * array.shape[1] <= self.LIMIT, "odd shape")
        grey = image.grey(array)
        expect(
            grey.shape == array.shape[:2] and grey.dtype == np.float64 and grey.min() >= 0 and grey.max() <= 1,
            "not grey",
        )
        if grey.size < 4096 and zlib.crc32(data) % 8 == 0:  # takes longer than all else
            refuse_only(lambda: image.dark_points(array), image.ImageError)
        return "loaded"


def mutate_png(data, rng):
    """Change what is in a chunk, pixels before their compression too, and write the right checksum behind it."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append([data[at + 4 : at + 8], data[at + 8 : at + 8 + length]])
        at += 12 + length
    chunk = rng.choice(chunks) if chunks else [b"IHDR", b""]
    try:
        pixels = zlib.decompress(chunk[1])
    except zlib.error:
        pixels = None
    kind = rng.randrange(8)
    if kind == 0:
        chunk[0] = rng.choice(
            [
                b"IHDR",
                b"IDAT",
                b"IEND",
                b"tRNS",
                b"PLTE",
                b"eXIf",
                b"iCCP",
                b"zTXt",
                b"acTL",
                b"fcTL",
                b"fdAT",
                b"gAMA",
                b"pHYs",
                b"iTXt",
            ]
        )
    elif kind == 1 and chunks:
        chunks.insert(rng.randrange(len(chunks)), list(rng.choice(chunks)))
    elif pixels is not None and rng.random() < 0.7:
        chunk[1] = zlib.compress(mutate_bytes(pixels, rng) * rng.choice([1, 1, 1, 100]), 1)
    else:
        chunk[1] = mutate_bytes(chunk[1], rng)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big") for name, body in chunks
    )


# ---- graphs, parameters ---------------------------------------------------------------------------------------------


class GraphFile:
    """Graphs as npz and JSON: a ValueError, or a graph that can be written and read again."""

    def __init__(self):
        from gng_fast import export

        self.export = export

    def seeds(self, path):
        from gng_fast import Graph

        nodes = np.random.default_rng(0).random((9, 3))
        for graph in (
            Graph(nodes, [(0, 1), (1, 2), (7, 8)], [1, 2, 3], np.arange(9)),
            Graph(np.empty((0, 2)), []),
            Graph(nodes[:, :2].astype(np.float32), [(0, 8)]),
        ):
            for kind in "npz", "json":
                getattr(self.export, f"write_{kind}")(graph, path)
                yield path.read_bytes()

    def mutate(self, data, rng, others):
        if rng.random() < 0.3:
            return mutate_bytes(data, rng)
        fields = read_fields(data)
        if fields is not None:
            name = rng.choice(list(fields))
            fields[name] = mutate_array(fields[name], rng)
            return write_fields(fields, rng)
        try:
            return json.dumps(mutate_tree(json.loads(data), rng)).encode()
        except (ValueError, RecursionError):
            return mutate_bytes(data, rng)

    def check(self, path, data):
        kind = "npz" if data.startswith(b"PK") else "json"
        read = getattr(self.export, f"read_{kind}")
        graph = refuse_only(lambda: read(path), ValueError)
        if graph is None:
            return "refused"
        expect(graph.components.max(initial=0) <= max(graph.n_nodes - 1, 0), "odd components")
        getattr(self.export, f"write_{kind}")(graph, path)
        expect(read(path) == graph, "what was written differs")
        return "loaded"


class Parameters:
    """Parameters and data of the estimator: a ValueError or TypeError, or a model."""

    def __init__(self):
        from gng_fast import GrowingNeuralGas

        self.model = GrowingNeuralGas

    def seeds(self, path):
        for more in (
            {},
            {"variant": "neupy", "min_distance": 0.1},
            {"utility": 2.0, "jitter": 0.1},
            {"eps_b_end": 0.1},
            {"init": [[0, 0], [1, 1]], "fixed_init": True},
            {"sampling": "replacement"},
        ):
            given = {**self.model().get_params(), "max_nodes": 8, "lam": 3, "n_epochs": 2, "random_state": 0, **more}
            for dtype in "float32", "float64":
                yield json.dumps(
                    {
                        "X": np.random.default_rng(1).random((9, 2)).tolist(),
                        "dtype": dtype,
                        "weights": None,
                        "given": given,
                    }
                ).encode()

    def mutate(self, data, rng, others):
        tree = json.loads(data)
        for _ in range(rng.choice([1, 1, 2, 4])):
            part = rng.choice(["X", "weights", "given", "given"])
            tree[part] = mutate_tree(tree[part], rng)
        if rng.random() < 0.1:
            tree["weights"] = [rng.choice([0, 1, *FLOATS]) for _ in range(9)]
        return json.dumps(tree).encode()

    def check(self, path, data):
        tree = json.loads(data)
        try:
            X = np.array(tree["X"], tree["dtype"])
        except (ValueError, TypeError, OverflowError):
            X = tree["X"]
        given = tree["given"] if isinstance(tree["given"], dict) else {}
        given = {name: value for name, value in given.items() if name in self.model().get_params()}
        # more is allowed, but takes its time or its memory
        for name, most in ("max_nodes", 2**16), ("n_epochs", 20), ("n_start_nodes", 2**16):
            if isinstance(given.get(name), (int, float)) and most < given[name] < (
                math.inf if name == "n_epochs" else 2**63
            ):
                given[name] = most
        with np.errstate(all="ignore"):
            model = refuse_only(
                lambda: self.model(**given).fit(X, sample_weight=tree["weights"]), (ValueError, TypeError)
            )
            if model is None:
                return "refused"
            most = 2000 if model.max_nodes is None else model.max_nodes  # of what fit chooses itself
            expect(model.graph_.n_nodes <= most, "too many nodes")
            refuse_only(lambda: model.partial_fit(X).predict(X), (ValueError, TypeError))
        return "loaded"


TARGETS = {"saved": Saved, "image": Picture, "graph": GraphFile, "parameters": Parameters}


def generator(seed, execution):
    """The random numbers of one execution: they depend on nothing before it."""
    return random.Random(seed * 2**40 + execution)
