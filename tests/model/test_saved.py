"""Saved networks and models: they go on bit for bit, and no file makes anything but a model or one clear error."""

import copy
import io
import json
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals
from gng_fast.art.export import read_npz, write_npz

CONTINUE = """
import sys, numpy as np
from gng_fast import Network, Signals
network = Network.load(sys.argv[1])
network.train(Signals(np.load(sys.argv[2]), "replacement", jitter=0.01), 3000)
network.save(sys.argv[1])
"""


def data(d, n=2000):
    return np.random.default_rng(d).random((n, d), dtype=np.float32)


def plain(network, X):
    network.start(X[:2])


def annealed(network, X):
    network.start(X[:2])
    network.anneal(0.01, 0.0, 3500)


def fixed_and_permanent(network, X):
    edges = [(0, 1), (1, 2), (2, 3), *((0, node) for node in range(4, 24))]
    network.start(X[:24], edges, fixed=np.arange(24) % 3 == 0, permanent=np.arange(23) % 2 == 0)


RUNS = {
    "2-D": (2, plain, {}),
    "3-D, ages and holes": (3, plain, {"max_age": 5, "max_nodes": 60}),
    "16-D": (16, plain, {"lam": 5}),
    "64-D": (64, plain, {"lam": 8}),
    "annealing": (2, annealed, {}),
    "utility": (2, plain, {"utility": 1.5}),
    "NeuPy": (3, plain, {"variant": "neupy", "min_distance": 0.1}),
    "steep decay": (2, plain, {"decay": 0.01}),
    "fixed nodes, permanent edges": (2, fixed_and_permanent, {"max_age": 4}),
    "all of it": (5, fixed_and_permanent, {"utility": 3, "max_age": 6}),
}


def begun(run):
    """A network after some signals, and its data."""
    d, start, parameters = RUNS[run]
    X = data(d)
    network = Network(d, seed=7, **{"max_nodes": 500, "lam": 10, **parameters})
    start(network, X)
    # in two parts, of which the first is elsewhere: nodes go where it was
    network.train(Signals(X[:1000] + 3, "replacement"), 1234)
    network.train(Signals(X[1000:], "replacement"), 777)
    return network, X


def go_on(network, X):
    network.train(Signals(X, "replacement", jitter=0.01), 3000)
    return network


def state(network):
    about, arrays = network.as_arrays()
    return about, {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}


def through_file(path):
    def again(network):
        network.save(path)
        return type(network).load(path)

    return again


# ---- it goes on -----------------------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("run", RUNS)
def test_a_network_goes_on_as_if_never_saved(run, tmp_path):
    network, X = begun(run)
    for again in (
        through_file(tmp_path / "a.npz"),
        copy.copy,
        copy.deepcopy,
        lambda it: pickle.loads(pickle.dumps(it)),
    ):
        loaded = again(network)
        assert state(loaded) == state(network)
        assert loaded.graph() == network.graph()
        assert (loaded.n_nodes, loaded.n_edges, loaded.n_signals) == (
            network.n_nodes,
            network.n_edges,
            network.n_signals,
        )
        uninterrupted, _ = begun(run)
        assert state(go_on(loaded, X)) == state(go_on(uninterrupted, X))
        assert loaded.graph() == uninterrupted.graph()


@pytest.mark.parametrize("run", ["2-D", "all of it"])
def test_in_another_process(run, tmp_path):
    network, X = begun(run)
    network.save(tmp_path / "here.npz")
    np.save(tmp_path / "X.npy", X)
    subprocess.run([sys.executable, "-c", CONTINUE, tmp_path / "here.npz", tmp_path / "X.npy"], check=True)
    go_on(network, X).save(tmp_path / "uninterrupted.npz")
    assert (tmp_path / "here.npz").read_bytes() == (tmp_path / "uninterrupted.npz").read_bytes()


def test_runs_use_what_they_are_to_test():
    assert begun("3-D, ages and holes")[0].as_arrays()[1]["ages"].max() == 5
    assert begun("fixed nodes, permanent edges")[0].graph().degrees.max() > 8  # more than one block of edges
    for run, name in (("utility", "utilities"), ("all of it", "utilities"), ("all of it", "last_won")):
        assert begun(run)[0].as_arrays()[1][name].any()
    assert 0 < begun("annealing")[0].as_arrays()[0]["annealing"]["stage"] < 4096
    assert begun("steep decay")[0].as_arrays()[0]["error_scale"] > 1e10


@pytest.mark.parametrize("n_nodes", [0, 1, 2])
def test_a_network_that_has_hardly_begun(n_nodes, tmp_path):
    network = Network(2, search="brute", lam=2**63)
    if n_nodes:
        network.start(np.arange(2 * n_nodes).reshape(-1, 2))
    loaded = through_file(tmp_path / "a.npz")(network)
    assert loaded.n_nodes == n_nodes and loaded.parameters == network.parameters
    assert state(loaded) == state(network)


@pytest.mark.quick
@pytest.mark.parametrize("sampling", ["epochs", "replacement", "order", "weights"])
def test_signals_go_on_where_they_are(sampling):
    X = data(2, 500)
    weights = np.arange(500) if sampling == "weights" else None

    def trained():
        signals = Signals(X, "epochs" if sampling == "weights" else sampling, weights=weights, jitter=0.1)
        network = Network(2, lam=10)
        network.draw_start_nodes(signals)
        network.train(signals, 700)
        return network, signals

    uninterrupted, signals = trained()
    for again in (copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        loaded, its_signals = again(trained())
        loaded.train(its_signals, 900)
        whole, its_own = trained()
        whole.train(its_own, 900)
        assert state(loaded) == state(whole)


@pytest.mark.parametrize("order", [[0, 1, 1], [0, 1, 3], [0, 1]])
def test_signals_of_a_wrong_order_are_refused(order):
    make, (X, *middle, kept, position) = Signals(np.arange(6).reshape(3, 2)).__reduce__()
    with pytest.raises(ValueError, match="^order must be a permutation"):
        make(X, *middle, np.array(order, np.uint32), position)
    with pytest.raises(ValueError, match="^position must be in .0, 3., got 4"):
        make(X, *middle, kept, 4)


# ---- models ---------------------------------------------------------------------------------------------------------

MODELS = {
    "plain": (0, {}, {}),
    "far off": (1e7, {}, {}),
    "far off and small": (1e-3, {"jitter": 1e-9}, {"scale": 1e-8}),
    "utility and jitter": (0, {"utility": 3, "jitter": 0.1}, {}),
    "annealed": (0, {"eps_b_end": 0.01, "eps_n_end": 0.0}, {}),
    "init": (0, {"init": [[0.1, 0.2], [0.5, 0.5], [0.8, 0.1]]}, {}),
    "graph": (1e7, {"init": Graph(np.array([[0.1, 0.2], [0.5, 0.5]]) + 1e7, [(0, 1)])}, {}),
    "NumPy's numbers": (0, {"max_nodes": np.int64(40), "eps_b": np.float32(0.25), "n_jobs": 2}, {}),
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("way", ["fit", "partial_fit"])
def test_a_model_goes_on_as_if_never_saved(kind, way, tmp_path):
    offset, parameters, more = MODELS[kind]
    X = data(2, 1000).astype(np.float64) * more.get("scale", 1) + offset
    weights = np.tile([0.3, 1.9], 500)

    def begun():
        model = GrowingNeuralGas(**{"max_nodes": 60, "lam": 20, "random_state": 5, "n_epochs": 1.5, **parameters})
        return model.fit(X) if way == "fit" else model.partial_fit(X, sample_weight=weights)

    def gone_on(model):
        return model.partial_fit(X[:501], sample_weight=weights[:501]).partial_fit(X[3:4]).partial_fit(X)

    model, uninterrupted = begun(), gone_on(begun())
    for again in (through_file(tmp_path / "a.npz"), copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        loaded = again(model)
        assert loaded.graph_ == model.graph_
        assert loaded.set_params(init=None).get_params() == {**model.get_params(), "init": None}
        assert np.array_equal(loaded.history_, model.history_)
        assert np.array_equal(loaded.predict(X), model.predict(X))
        assert hasattr(loaded, "labels_") == (way == "fit") and (
            way != "fit" or (loaded.labels_ == model.labels_).all()
        )
        assert gone_on(loaded).graph_ == uninterrupted.graph_
        assert np.array_equal(loaded.history_, uninterrupted.history_)
        again_fitted = again(model).set_params(random_state=9).fit(X)
        assert again_fitted.graph_ == begun().set_params(random_state=9).fit(X).graph_


def test_a_model_saved_in_the_middle_of_a_fit(tmp_path):
    X = data(2)

    def keep(done, total, model):
        model.save(tmp_path / f"{done}.npz")

    whole = GrowingNeuralGas(50, sampling="order", n_epochs=2, eps_b_end=0.01, random_state=0).fit(X, callback=keep)
    half = GrowingNeuralGas.load(tmp_path / "2000.npz")
    assert half.partial_fit(X).graph_ == whole.graph_
    assert np.array_equal(half.history_, whole.history_)


def test_names_of_columns_and_subclasses(tmp_path):
    pandas = pytest.importorskip("pandas")

    class Mine(GrowingNeuralGas):
        pass

    table = pandas.DataFrame(data(3), columns=["a", "b", "ü"])
    Mine(20, random_state=0).fit(table).save(tmp_path / "a.npz")
    loaded = Mine.load(tmp_path / "a.npz")
    assert type(loaded) is Mine
    assert loaded.feature_names_in_.tolist() == ["a", "b", "ü"] and loaded.n_features_in_ == 3
    loaded.partial_fit(table)


@pytest.mark.quick
def test_what_cannot_be_saved(tmp_path):
    X = data(2)
    model = GrowingNeuralGas(20)
    with pytest.raises(AttributeError, match="^save: this GrowingNeuralGas is not fitted yet"):
        model.save(tmp_path / "a.npz")
    model.set_params(random_state=np.random.default_rng(0)).fit(X)
    with pytest.raises(
        ValueError, match="^random_state must be None or an integer in a saved model, got Generator.*is enough$"
    ):
        model.save(tmp_path / "a.npz")
    model.set_params(random_state=None).save(tmp_path / "a.npz")
    model.set_params(lam=float("inf"))
    with pytest.raises(TypeError, match=r"^lam must be an integer in \[1, inf\), got inf$"):
        model.save(tmp_path / "b.npz")
    with pytest.raises(TypeError, match=r"^lam must be a number, a word or None in a saved model, got \[1\]"):
        model.set_params(lam=[1]).save(tmp_path / "b.npz")
    assert not (tmp_path / "b.npz").exists()
    with pytest.raises(OSError, match="its folder does not exist"):
        model.set_params(lam=1).save(tmp_path / "none" / "a.npz")


# ---- files that are not what they say -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A model's file with everything in it."""
    path = tmp_path_factory.mktemp("good") / "model.npz"
    X = data(2) + 1e7
    model = GrowingNeuralGas(30, lam=20, utility=3, init=Graph(X[:3].astype(np.float64), [(0, 1)]), random_state=0)
    model.fit(X.astype(np.float64)).save(path)
    return path


@pytest.fixture(scope="module")
def good_network(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "network.npz"
    begun("all of it")[0].save(path)
    return path


def changed(path, target, about=lambda about: None, **arrays):
    """Write to `target` the file at `path` with other arrays (None: without) and numbers."""
    with np.load(path) as file:
        fields = dict(file)
    numbers = json.loads(fields["about"].tobytes())
    about(numbers)
    fields["about"] = np.frombuffer(json.dumps(numbers).encode(), np.uint8)
    for name, array in arrays.items():
        fields[name] = array(fields[name]) if callable(array) else array
    np.savez(target, **{name: array for name, array in fields.items() if array is not None})
    return target


def put(index, value):
    def change(array):
        array[index] = value
        return array

    return change


def set_in(*keys, to):
    def change(about):
        for key in keys[:-1]:
            about = about[key]
        if to is None:
            del about[keys[-1]]
        else:
            about[keys[-1]] = to

    return change


BAD_ARRAYS = [
    ("nodes", put((0, 0), np.nan), "nodes must be in"),
    ("nodes", put((1, 1), np.inf), "nodes must be in"),
    ("nodes", put((1, 1), 1e30), "nodes must be in"),
    ("nodes", lambda w: w[:-1], "errors must have shape"),
    ("nodes", lambda w: w[:, :1], "nodes must have shape"),
    ("nodes", lambda w: w.astype(np.float64), "field 'nodes' must have 2 dimensions of f4"),
    ("nodes", lambda w: w.ravel(), "field 'nodes' must have 2 dimensions of f4"),
    ("nodes", lambda w: w.astype(object), "field 'nodes' must have 2 dimensions of f4"),
    ("nodes", lambda w: np.asfortranarray(w), "field 'nodes' must have 2 dimensions of f4"),
    ("nodes", None, "it has no field 'nodes'"),
    ("errors", put(0, -1), "errors must be in"),
    ("errors", put(0, np.nan), "errors must be in"),
    ("errors", put(0, 1.7e308), "errors must be in"),
    ("errors", None, "it has no field 'errors'"),
    ("edges", put((0, 1), 10**6), "edges must be in"),
    ("edges", put((0, 0), -1), "edges must be in"),
    ("edges", put((0, 1), 2**40), "edges must be in"),
    ("edges", lambda e: np.column_stack([e[:, 0], e[:, 0]]), "edges must be pairs a < b"),
    ("edges", lambda e: e[:, ::-1].copy(), "edges must be pairs a < b"),
    ("edges", lambda e: np.concatenate([e[:1], e[:-1]]), "edges must be pairs a < b, sorted, none of them twice"),
    ("edges", lambda e: e[::-1].copy(), "edges must be pairs a < b, sorted"),
    ("edges", lambda e: e[:, :1], "edges must have shape"),
    ("edges", None, "it has no field 'edges'"),
    ("ages", put(0, -1), "ages must be in"),
    ("ages", put(0, 51), r"ages must be in \[0, 50\], got 51"),
    ("ages", put(0, 2**62), "ages must be in"),
    ("ages", lambda ages: ages[:-1], "ages must have shape"),
    ("utilities", put(0, -1), "utilities must be in"),
    ("utilities", put(0, np.inf), "utilities must be in"),
    ("utilities", put(0, 1.7e308), "utilities must be in"),  # the mean of two such would be infinite
    ("utilities", None, "utilities must be there if and only if"),
    ("history", put(0, -1), "history must hold"),
    ("history", put(0, np.inf), "history must hold"),
    ("history", None, "no field 'history'"),
    ("offset", put(0, np.nan), "offset must hold finite numbers"),
    ("offset", lambda offset: offset[:1], "offset must have shape"),
    ("winners", put(0, 30), r"winners must be in \[0, 29\]"),
    ("winners", lambda winners: winners.astype(np.int64), "field 'winners' must have 1 dimensions of"),
    ("winners", lambda winners: winners[:, np.newaxis], "field 'winners' must have 1 dimensions of"),
    ("recent", put((0, 0), np.nan), "recent must hold finite numbers"),
    ("recent", lambda rows: rows[:, :1], "recent must have 2 columns, got 1"),
    ("cluster_numbers", put(0, -2), r"cluster_numbers must be in \[-1, "),
    ("cluster_numbers", put(0, 1000), "cluster_numbers must be below"),
    ("cluster_numbers", lambda numbers: numbers[1:], "cluster_numbers must have shape"),
    ("cluster_numbers", None, "it has no field 'cluster_numbers'"),
    ("cluster_strengths", put(0, 1.5), r"cluster_strengths must be in \[0, 1\], got 1.5"),
    ("cluster_places", np.zeros((30, 3), np.float32), "cluster_places must have rows of 2 columns"),
    ("landscape_g", put(0, 0), "landscape_g must be in"),
    ("landscape_g", put(0, np.nan), "landscape_g must be in"),
    ("landscape_edges", put((0, 0), 30), r"landscape_edges must be in \[0, 29\], got 30"),
    ("landscape_rows", lambda rows: 0 * rows, "landscape_rows and hill_peaks must not be empty"),
    ("hill_saddles", put(0, 1.0), "hill_saddles must be in"),
    ("init_nodes", put((0, 0), np.nan), "init must hold finite numbers"),
    ("init_edges", put((0, 1), 7), "edges must hold node indices"),
    ("fixed", np.zeros(30, bool), "fixed and last_won must be there both"),
    ("more", np.zeros(3), "unknown field 'more'"),
    ("format", np.array("gng_fast thing"), "it is not a gng_fast model, but a 'gng_fast thing'"),
    ("format", np.array(["gng_fast model"]), "field 'format' must have 0 dimensions"),
    ("format", np.array("x" * 10**5), "field 'format' must have 0 dimensions"),
    ("format", None, "it has no field 'format'"),
    ("version", np.array(2), "it has version 2, but this gng_fast reads version 1"),
    ("version", np.array("1"), "field 'version' must have 0 dimensions of i8"),
]

NETWORK_ABOUT = [
    (("n_features",), 3, "nodes must have shape"),
    (("n_features",), 2**20 + 1, "n_features must be in"),
    (("n_features",), True, "n_features must be an integer"),
    (("rng",), -1, "rng must be in"),
    (("rng",), 2**64, "rng must be in"),
    (("rng",), "1", "rng must be an integer"),
    (("search",), "magic", "search must be one of"),
    (("search",), "leaves", "search must be 'auto', 'brute' or 'grid'"),
    (("eps_b",), float("nan"), "eps_b must be in"),
    (("eps_n",), -0.1, "eps_n must be in"),
    (("error_scale",), 0.0, "error_scale must be in"),
    (("error_scale",), float("inf"), "error_scale must be in"),
    (("n_signals",), 2**63, "n_signals must be in"),
    (("until_insertion",), 0, "until_insertion must be in"),
    (("until_insertion",), 21, "until_insertion must be at most lam, got 21"),
    (("distance_sum",), float("nan"), "distance_sum must be in"),
    (("distance_count",), None, "wrong or missing: distance_count"),
    (("more",), 1, "wrong or missing: more"),
    (("annealing", "stage"), 4097, "stage must be in"),
    (("annealing", "presented"), -1, "presented must be in"),
    (("annealing",), [], r"annealing must hold .*wrong or missing: \[\]"),
    (("parameters", "max_nodes"), 2, "nodes must be at most max_nodes = 2, got 30"),
    (("parameters", "max_nodes"), 2**60, "max_nodes must be in"),
    (("parameters", "utility"), 0.5, "utility must be in"),
    (("parameters", "decay"), None, "parameters must hold .*wrong or missing: decay"),
    (("parameters", "__class__"), "os", "parameters must hold .*wrong or missing: __class__"),
]

ABOUT = [
    *((("network", *keys), to, message) for keys, to, message in NETWORK_ABOUT),
    (("network",), 5, "the network must hold"),
    (("scale",), 3.0, "scale must be a power of 4"),
    (("scale",), 2.0, "scale must be a power of 4"),
    (("scale",), 2.0**1023, "scale must be a power of 4 from"),
    (("scale",), 4.0**-256, "scale must be a power of 4 from"),
    (("scale",), 0, "scale must be a power of 4"),
    (("scale",), float("nan"), "scale must be a power of 4"),
    (("carry",), 2**32, "carry must be in"),
    (("carry",), -1, "carry must be in"),
    (("clusters",), [], "clusters must hold dimension, hold"),
    (("clusters", "hold"), 1, "hold must be True or False"),
    (("clusters", "mass"), 0.0, "mass must be in"),
    (("clusters", "dimension"), float("nan"), "dimension must be in"),
    (("clusters", "tau"), -1.0, "tau must be in"),
    (("clusters", "next_number"), 0, "cluster_numbers must be below 0"),
    (("feature_names",), ["a"], "feature_names must be 2 words"),
    (("feature_names",), [["a"], "b"], "feature_names must be 2 words"),
    (("parameters", "lam"), {"a": 1}, "lam must be a number, a word or None"),
    (("parameters", "lam"), None, "the model's parameters must be"),
    (("parameters", "__init__"), 1, "the model's parameters must be"),
]


def refused(path, message, kind=GrowingNeuralGas):
    with pytest.raises(ValueError, match=message) as caught:
        kind.load(path)
    assert str(caught.value).startswith(f"cannot read '{path}': ") and "\n" not in str(caught.value)


@pytest.mark.parametrize("name, change, message", BAD_ARRAYS)
def test_bad_arrays(good, tmp_path, name, change, message):
    refused(changed(good, tmp_path / "bad.npz", **{name: change}), message)


@pytest.mark.quick
@pytest.mark.parametrize("keys, to, message", ABOUT)
def test_bad_numbers(good, tmp_path, keys, to, message):
    refused(changed(good, tmp_path / "bad.npz", set_in(*keys, to=to)), message)


@pytest.mark.quick
def test_an_unchanged_file_is_read(good, good_network, tmp_path):
    """Else the tests above would show nothing."""
    assert GrowingNeuralGas.load(changed(good, tmp_path / "same.npz")).graph_ == GrowingNeuralGas.load(good).graph_
    assert Network.load(changed(good_network, tmp_path / "same.npz")).graph() == Network.load(good_network).graph()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"fixed": lambda fixed: ~fixed}, "last_won must have shape"),
        ({"last_won": put((0, 0), np.nan)}, "last_won must be in"),
        ({"last_won": None}, "fixed and last_won must be there both"),
        ({"permanent": lambda permanent: permanent[1:]}, "permanent must have shape"),
        ({"permanent": lambda permanent: permanent.view(np.uint8)}, "field 'permanent' must have 1 dimensions of b1"),
    ],
)
def test_bad_fixed_nodes_and_permanent_edges(good_network, tmp_path, change, message):
    refused(changed(good_network, tmp_path / "bad.npz", **change), message, Network)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"network": 1e999}', b"\xff"])
def test_bad_json(good, tmp_path, text):
    with np.load(good) as file:
        np.savez(tmp_path / "bad.npz", **{**file, "about": np.frombuffer(text, np.uint8)})
    refused(tmp_path / "bad.npz", "cannot read")


def test_no_bool_but_0_and_1(good_network, tmp_path):
    """A byte that is neither is read as True, not as a number."""
    fixed = np.load(good_network)["fixed"]
    loaded = Network.load(changed(good_network, tmp_path / "odd.npz", fixed=(fixed * np.uint8(200)).view(bool)))
    assert loaded.graph() == Network.load(good_network).graph()


def test_counters_near_their_end(good_network, tmp_path):
    """They go on without an overflow, and the network can be saved again."""

    def at_the_end(about):
        about["n_signals"] = about["distance_count"] = about["annealing"]["presented"] = 2**63 - 1

    network = Network.load(changed(good_network, tmp_path / "a.npz", at_the_end))
    network.train(Signals(data(5)), 100)
    assert network.n_signals > 2**61 and network.take_mean_distance() >= 0
    loaded = through_file(tmp_path / "b.npz")(network)
    assert state(loaded)[1] == state(network)[1]


def test_annealing_from_next_to_nothing(good_network, tmp_path):
    """No step is infinite: the ratio of its ends was, and nodes went to NaN."""

    def tiny(about):
        about["annealing"] = {
            "eps_b_start": 1e-320,
            "eps_b_end": 1.0,
            "eps_n_start": 1e-310,
            "eps_n_end": 0.5,
            "n_signals": 400,
            "presented": 0,
            "stage": 0,
        }

    network = Network.load(changed(good_network, tmp_path / "a.npz", tiny))
    network.train(Signals(data(5)), 500)
    assert network.graph().n_nodes > 2


def test_a_place_before_the_beginning_of_the_file(good, tmp_path):
    content = bytearray(good.read_bytes())
    content[-10:-6] = (0xFFFF0000).to_bytes(4, "little")  # the size of the archive's directory
    (tmp_path / "bad.npz").write_bytes(content)
    refused(tmp_path / "bad.npz", "it is damaged")


def test_compressed_and_doubled_fields(good, tmp_path):
    with np.load(good) as file:
        np.savez_compressed(tmp_path / "bomb.npz", **file)
    refused(tmp_path / "bomb.npz", "is compressed")
    (tmp_path / "double.npz").write_bytes(good.read_bytes())
    with zipfile.ZipFile(tmp_path / "double.npz", "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("nodes.npy", b"")
    refused(tmp_path / "double.npz", "it has a field twice")


@pytest.mark.parametrize("shape", ["(1000000000000, 2)", "(-1, 2)", "(30, 1)", "(30, 3)"])
def test_headers_that_lie_about_sizes(good, tmp_path, shape):
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "bad.npz", "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "nodes.npy":
                content = content.replace(b"(30, 2), }" + b" " * (len(shape) - 7), f"{shape}, }}".encode())
                assert shape.encode() in content
            target.writestr(name, content)
    refused(tmp_path / "bad.npz", "does not hold as many numbers as it says|must have shape")


def test_pickles_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("code in a file was run",)

    for content in (pickle.dumps(Trap()), b"", b"PK", b"hello", b"\x00" * 10_000):
        (tmp_path / "bad.npz").write_bytes(content)
        refused(tmp_path / "bad.npz", "it is damaged or not an npz file")
    np.savez(tmp_path / "bad.npz", format=np.array("gng_fast model"), version=np.array(1), about=np.array([Trap()]))
    refused(tmp_path / "bad.npz", "field 'about' must have 1 dimensions of u1")
    with pytest.raises(FileNotFoundError):
        GrowingNeuralGas.load(tmp_path / "none.npz")
    with pytest.raises(IsADirectoryError):
        GrowingNeuralGas.load(tmp_path)


@pytest.mark.quick
def test_truncated_files(good, tmp_path):
    content = good.read_bytes()
    for length in (*range(0, len(content), 61), *range(len(content) - 60, len(content))):
        (tmp_path / "cut.npz").write_bytes(content[:length])
        refused(tmp_path / "cut.npz", "cannot read")


def test_damaged_files(good, tmp_path):
    """Wherever a byte is damaged: an error, or, where zip archives have bytes that say nothing, the same model."""
    content, graph = good.read_bytes(), GrowingNeuralGas.load(good).graph_
    rng, errors = np.random.default_rng(0), 0
    for position in rng.integers(0, len(content), 1500):
        damaged = bytearray(content)
        damaged[position] ^= 1 << rng.integers(8)
        (tmp_path / "bad.npz").write_bytes(damaged)
        try:
            assert GrowingNeuralGas.load(tmp_path / "bad.npz").graph_ == graph
        except ValueError as error:
            assert "\n" not in str(error)
            errors += 1
    assert errors > 1000


def test_a_graph_is_not_a_model_and_a_model_not_a_graph(good, good_network, tmp_path):
    write_npz(GrowingNeuralGas.load(good).graph_, tmp_path / "graph.npz")
    refused(
        tmp_path / "graph.npz",
        "it is not a gng_fast model, but a 'gng_fast graph': read it with gng_fast.export.read_npz",
    )
    refused(good, "not a gng_fast network, but a 'gng_fast model': read it with GrowingNeuralGas.load", Network)
    refused(good_network, "not a gng_fast model, but a 'gng_fast network': read it with Network.load")
    with pytest.raises(
        ValueError, match="not a gng_fast graph, but a 'gng_fast model': read it with GrowingNeuralGas.load, "
    ):
        read_npz(good)
    with pytest.raises(ValueError, match="not a gng_fast graph, but a 'gng_fast network': read it with Network.load, "):
        read_npz(good_network)


@pytest.mark.quick
def test_saving_is_all_or_nothing(good, tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    path.write_bytes(b"before")
    monkeypatch.setattr(np, "savez", lambda file, **arrays: file.write(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        GrowingNeuralGas.load(good).save(path)
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_the_file_is_plain_numpy(good):
    with np.load(io.BytesIO(good.read_bytes()), allow_pickle=False) as file:
        assert str(file["format"]) == "gng_fast model" and int(file["version"]) == 1
        assert {array.dtype.byteorder for array in file.values()} <= set("=|")
