"""Fits over partitions and many pictures on Dask: against one machine, themselves, and with workers that die."""

import contextlib
import json
import multiprocessing
import os
import re
import signal
from itertools import pairwise

import numpy as np
import pytest
from samples import blobs

from gng_fast import GrowingNeuralGas

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")

from dask import array as da  # noqa: E402
from distributed import Client, LocalCluster  # noqa: E402

from gng_fast import distributed, recipes  # noqa: E402
from gng_fast.distributed.partitions import (  # noqa: E402
    bundles_of,
    draw_sample,
    draw_samples,
    joined,
    partitions_of,
    table_of,
)


@pytest.fixture(scope="module")
def client():
    """Two workers in threads of this process: quick to start."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


def in_order(n=20_000):
    """Blobs sorted by position: every partition has another part of the shape."""
    X = blobs(n)
    return X[np.argsort(X[:, 0], kind="stable")]


def delayed_parts(X, *cuts):
    return [dask.delayed(part) for part in np.split(X, cuts)]


# ---- fit ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [blobs, in_order])
def test_as_good_as_one_machine(client, order):
    X = order(20_000)
    model = distributed.fit(da.from_array(X, chunks=(3000, -1)), client, max_nodes=150, random_state=0)
    alone = GrowingNeuralGas(150, n_epochs=3, eps_b_end=0.01, eps_n_end=0.0001, random_state=0).fit(X)
    assert model.quantization_error(X) < 1.02 * alone.quantization_error(X)
    assert model.graph_.n_nodes == 150 and model.graph_.n_components == 10
    assert (model.graph_.degrees > 0).all()


def test_nodes_follow_from_the_rows_of_all_partitions(client):
    """As many as `fit` takes for them in one place, also where a bag does not know its lengths."""
    X = blobs(2000)
    bag = pytest.importorskip("dask.bag").from_sequence(X.tolist(), npartitions=3)
    models = [distributed.fit(data, client, random_state=0) for data in (delayed_parts(X, 100, 900), bag)]
    for model in models:
        assert model.graph_.n_nodes == model.max_nodes == GrowingNeuralGas(random_state=0).fit(X).graph_.n_nodes == 268


def test_the_result_depends_on_partitions_and_seed_alone(client):
    X = in_order()
    first = distributed.fit(delayed_parts(X, 5000, 12_000), client, max_nodes=50, random_state=1)
    with (
        LocalCluster(n_workers=1, threads_per_worker=3, processes=False, dashboard_address=":0") as cluster,
        Client(cluster) as other,
    ):
        again = distributed.fit(delayed_parts(X, 5000, 12_000), other, max_nodes=50, random_state=1)
    assert again.graph_ == first.graph_
    assert distributed.fit(delayed_parts(X, 5000, 12_000), client, max_nodes=50, random_state=2).graph_ != first.graph_


@pytest.mark.quick
def test_without_a_client_it_runs_here(client, monkeypatch):
    X, started = in_order(6000), []
    # not the processes that there are: other tests leave some, and those of a cluster are gone when it is closed
    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", lambda process: started.append(process))
    here = distributed.fit(delayed_parts(X, 2000), max_nodes=30, random_state=0)
    assert here.graph_ == distributed.fit(delayed_parts(X, 2000), client, max_nodes=30, random_state=0).graph_
    assert not started


def test_every_kind_of_data_gives_the_same(client, tmp_path):
    X = in_order(6000)
    X.tofile(tmp_path / "X.f4")
    np.save(tmp_path / "second.npy", X[2000:])
    whole = np.memmap(tmp_path / "X.f4", np.float32, "r", shape=X.shape)
    bag = pytest.importorskip("dask.bag")
    kinds = {
        "array": da.from_array(X, chunks=((2000, 4000), (1, 1))),
        "array of unknown lengths": da.from_delayed(dask.delayed(X[:2000]), (np.nan, 2), X.dtype).rechunk({1: -1}),
        "delayed": delayed_parts(X, 2000),
        "bag of rows": bag.from_delayed([dask.delayed(list)(X[:2000]), dask.delayed(list)(X[2000:])]),
        "bag of arrays": bag.from_delayed([dask.delayed([X[:500], X[500:2000]]), dask.delayed([X[2000:]])]),
        "files": [whole[:2000], np.load(tmp_path / "second.npy", mmap_mode="r")],
    }
    kinds["array of unknown lengths"] = da.concatenate(
        [kinds["array of unknown lengths"], da.from_delayed(dask.delayed(X[2000:]), (np.nan, 2), X.dtype)],
        allow_unknown_chunksizes=True,
    )
    graphs = {kind: distributed.fit(data, client, max_nodes=30, random_state=0).graph_ for kind, data in kinds.items()}
    assert all(graph == graphs["delayed"] for graph in graphs.values()), [
        k for k in graphs if graphs[k] != graphs["delayed"]
    ]


def test_a_data_frame(client):
    pytest.importorskip("pyarrow")  # without it, importing the next raises
    frames = pytest.importorskip("dask.dataframe")
    pandas = pytest.importorskip("pandas")
    X = blobs(3000).astype(np.float64)
    data = frames.from_pandas(pandas.DataFrame(X, columns=["x", "y"]), npartitions=3)
    model = distributed.fit(data, client, max_nodes=30, random_state=0)
    assert model.graph_.n_nodes == 30 and model.quantization_error(pandas.DataFrame(X, columns=["x", "y"])) < 2
    assert model.feature_names_in_.tolist() == ["x", "y"]


def table(X, *columns):
    return pytest.importorskip("pandas").DataFrame(X, columns=columns)


def test_columns_of_partitions_that_differ(client):
    X = blobs(600)
    with pytest.raises(
        ValueError,
        match=r"^partition 2: its columns must have the names of partition 1, \['x', 'y'\], got \['y', 'x'\]$",
    ):
        parts = [dask.delayed(table(X[:0], "a", "b")), *(dask.delayed(table(X, *names)) for names in ("xy", "yx"))]
        distributed.fit(parts, client, max_nodes=5)
    with pytest.raises(ValueError, match=r"^partition 1: its columns .* partition 0, None, got \['x', 'y'\]$"):
        distributed.fit([dask.delayed(X), dask.delayed(table(X, *"xy"))], client, max_nodes=5)


@pytest.mark.quick
def test_files_are_cut_into_partitions_that_make_up_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("gng_fast.distributed.partitions._PARTITION_BYTES", 1000)
    X = np.arange(2000, dtype=np.float64).reshape(-1, 2)
    np.save(tmp_path / "X.npy", X)
    parts, lengths = partitions_of(np.load(tmp_path / "X.npy", mmap_mode="r")[100:])
    assert len(parts) == 15 and sum(lengths) == 900
    read = [table_of(part) for part in parts]
    assert [len(part) for part in read] == lengths and np.array_equal(np.concatenate(read), X[100:])


def test_small_files_are_a_task_together(tmp_path, monkeypatch):
    """And nothing else is; bundles are in order, and what comes of them does not depend on them."""
    monkeypatch.setattr("gng_fast.distributed.partitions._BUNDLE_BYTES", 3000)
    monkeypatch.setattr("gng_fast.distributed.partitions._LEAST_BUNDLES", 4)
    X = np.arange(4000, dtype=np.float32).reshape(-1, 2)  # 8 bytes a row
    X.tofile(tmp_path / "X.f4")
    ends = [0, 100, 300, 600, 1000, 1100, 1200, 2000]
    whole = np.memmap(tmp_path / "X.f4", np.float32, "r", shape=X.shape)
    data = [whole[start:end] for start, end in pairwise(ends)]
    data.insert(5, dask.delayed(X))
    parts, _ = partitions_of(data)
    bundles = bundles_of(parts, list(range(8)))
    assert [[number for number, _ in bundle] for bundle in bundles] == [[0, 1], [2], [3], [4], [5], [6], [7]]
    assert [[number for number, _ in bundle] for bundle in bundles_of(parts, [0, 1, 6])] == [[0, 1], [6]]
    assert bundles_of(parts, []) == []
    monkeypatch.setattr(
        "gng_fast.distributed.partitions._LEAST_BUNDLES", 9
    )  # of 19,000 bytes, with 3,000 for what is no file
    assert [[number for number, _ in bundle] for bundle in bundles_of(parts, [0, 1, 6])] == [[0], [1], [6]]
    starts, kept = draw_samples(bundles[0], [5, 5], [7, 7], 3)
    apart = [draw_samples([one], [5], [7], 3) for one in bundles[0]]
    rows = [start.rows for start in starts]
    assert np.array_equal(joined([rows]), joined([[start[0].rows] for start, _ in apart]))
    assert np.array_equal(joined([kept]), joined([keep for _, keep in apart]))


@pytest.mark.quick
def test_samples_are_spread_and_apart():
    X = np.arange(1000, dtype=np.float32)[:, np.newaxis]
    start, kept = draw_sample(0, X, 100, 200, [1, 2])
    both = np.concatenate([start.rows, kept]).ravel()
    assert len(set(both.tolist())) == 300
    assert all(abs(count - 30) <= 1 for count in np.histogram(both, 10, (0, 1000))[0])
    start, kept = draw_sample(0, X[:5], 5, 5, [1, 2])
    assert start.rows.ravel().tolist() == kept.ravel().tolist() == [0, 1, 2, 3, 4]


def test_partitions_without_rows(client):
    X = blobs(3000)
    model = distributed.fit(delayed_parts(X, 0, 1000, 1000, 3000), client, max_nodes=30, random_state=0)
    assert model.graph_.n_nodes == 30
    assert table_of([]) is None and table_of(X[:0]) is None


def test_far_data_loses_nothing(client):
    X = blobs(6000).astype(np.float64) + [4.1e6, 4.9e6]
    model = distributed.fit(da.from_array(X, chunks=(2000, 2)), client, max_nodes=100, random_state=0)
    near = distributed.fit(da.from_array(blobs(6000), chunks=(2000, 2)), client, max_nodes=100, random_state=0)
    assert model.quantization_error(X) == pytest.approx(near.quantization_error(blobs(6000)), rel=0.02)


def test_clusters_are_made_from_all_data_without_a_pass_of_their_own(client, tmp_path):
    X = blobs(6000)
    read: dict[str, list[tuple[int, int]]] = {"density": [], "components": []}
    model, components = (
        distributed.fit(
            delayed_parts(X, 2000),
            client,
            max_nodes=100,
            random_state=0,
            clusters=clusters,
            callback=lambda *done: read[clusters].append(done),
        )
        for clusters in read
    )
    assert read["density"] == read["components"] and read["density"][-1][0] == read["density"][-1][1]
    assert model.n_clusters_ == 10 and model.persistence_.rows[:10].sum() == len(X)
    assert np.array_equal(np.unique(model.predict(X)), np.arange(10))
    assert np.array_equal(model.graph_.clusters, model.cluster(X).graph_.clusters)
    for options in {"checkpoint": tmp_path / "a"}, {"checkpoint": tmp_path / "a"}, {"n_clusters": 4}:
        again = distributed.fit(delayed_parts(X, 2000), client, max_nodes=100, random_state=0, **options)
        if "n_clusters" in options:
            assert again.n_clusters_ == 4
        else:
            assert np.array_equal(again.graph_.clusters, model.graph_.clusters)
    assert np.array_equal(components.predict(X), components.graph_.components[components.nearest(X)])


def test_the_model_goes_on(client, tmp_path):
    X = blobs(3000)
    model = distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, random_state=0, max_age=60)
    assert model.max_age == 60 and model.refine and model.random_state == 0
    with pytest.raises(AttributeError, match="labels_"):
        model.labels_
    model.save(tmp_path / "model.npz")
    assert GrowingNeuralGas.load(tmp_path / "model.npz").partial_fit(X).graph_ == model.partial_fit(X).graph_


def test_progress(client):
    seen = []
    distributed.fit(
        delayed_parts(blobs(3000), 1000),
        client,
        max_nodes=30,
        random_state=0,
        callback=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(done, 16) for done in range(1, 17)]


class Stopped(Exception):
    pass


@pytest.mark.parametrize("stop_at", [1, 2, 3, 9, 11, 12, 15])
def test_goes_on_from_a_checkpoint(client, tmp_path, stop_at):
    X = in_order(3000)

    def fit(random_state=0, **options):
        return distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, random_state=random_state, **options)

    def stop(done, total):
        if done == stop_at:
            raise Stopped

    with pytest.raises(Stopped):
        fit(checkpoint=tmp_path / "work", callback=stop)
    done = []
    model = fit(checkpoint=tmp_path / "work", callback=lambda d, total: done.append(d))
    assert model.graph_ == fit().graph_ and done[-1] == 16
    assert not list((tmp_path / "work").glob("pass-*-*"))  # of single partitions nothing is left
    assert fit(checkpoint=tmp_path / "work", random_state=None).graph_ == model.graph_  # the seed is in the folder


def counted(X, path):
    """X in two partitions; the file gets a byte for each that is read, in whatever process."""

    def read(rows):
        with open(path, "a") as file:
            file.write("1")
        return rows

    return da.from_array(X, chunks=(2000, 2)).map_blocks(read, meta=X[:0])


def test_when_all_is_done_the_data_is_only_compared(client, tmp_path):
    X, read = in_order(3000), tmp_path / "read"
    first = distributed.fit(counted(X, read), client, max_nodes=30, checkpoint=tmp_path / "work")
    assert read.stat().st_size == 8
    assert distributed.fit(counted(X, read), client, max_nodes=30, checkpoint=tmp_path / "work").graph_ == first.graph_
    assert read.stat().st_size == 10


@pytest.mark.parametrize("stop_at", [3, 13, None])
def test_a_checkpoint_knows_its_data(client, tmp_path, stop_at):
    X = in_order(3000)

    def fit(*parts, callback=None):
        parts = [dask.delayed(part) for part in parts]
        return distributed.fit(parts, client, max_nodes=30, random_state=0, checkpoint=tmp_path, callback=callback)

    def stop(done, total):
        if done == stop_at:
            raise Stopped

    with pytest.raises(Stopped) if stop_at else contextlib.nullcontext():
        fit(table(X[:1000], "x", "y"), table(X[1000:], "x", "y"), callback=stop)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for others, message in (
        ((table(X[:1000] + 1, "x", "y"), table(X[1000:], "x", "y")), "the sample of the data is .* there, got "),
        ((table(X[:1000], "x", "y"), table(X[1000:] * 2, "x", "y")), "the sample of the data is .* there, got "),
        ((table(X[:1000], "x", "z"), table(X[1000:], "x", "z")), r'columns is \["x", "y"\] there, got \["x", "z"\]'),
        ((X[:1000], X[1000:]), r'columns is \["x", "y"\] there, got 2'),
        ((table(X.astype(float)[:1000], "x", "y"), table(X.astype(float)[1000:], "x", "y")),
         'dtype is "float32" there, got "float64"'),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"^checkpoint: '.*' is of another fit: {message}"):
            fit(*others)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    model = fit(table(X[:1000], "x", "y"), table(X[1000:], "x", "y"))
    assert model.graph_ == distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, random_state=0).graph_
    assert model.feature_names_in_.tolist() == ["x", "y"]


@pytest.mark.parametrize("stop_at", [13, None])
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: data[:-9]])
def test_damaged_files_of_a_checkpoint_are_done_anew(client, tmp_path, damage, stop_at):
    X = in_order(3000)

    def fit(callback=None, **options):
        return distributed.fit(
            delayed_parts(X, 1000), client, max_nodes=30, random_state=0, callback=callback, **options
        )

    def stop(done, total):
        if done == stop_at:
            raise Stopped

    with pytest.raises(Stopped) if stop_at else contextlib.nullcontext():
        fit(stop, checkpoint=tmp_path)
    whole = fit().graph_
    files = sorted(tmp_path.glob("*.npz"))
    assert len(files) > 9
    for path in files[::4] + files[-1:]:
        kept = path.read_bytes()
        path.write_bytes(damage(kept))
        assert fit(checkpoint=tmp_path).graph_ == whole
        assert not path.exists() or path.read_bytes() == kept
    for path in files:
        if path.exists():
            path.write_bytes(damage(path.read_bytes()))
    assert fit(checkpoint=tmp_path).graph_ == whole
    for name in "about.json", "data.json":
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(damage(kept))
        with pytest.raises(ValueError, match=f"^checkpoint: '.*{name}' is damaged or of something else"):
            fit(checkpoint=tmp_path)
        (tmp_path / name).write_bytes(kept)
    (tmp_path / "data.json").unlink()
    with pytest.raises(ValueError, match=r"^checkpoint: '.*data.json' is missing"):
        fit(checkpoint=tmp_path)


def test_a_checkpoint_of_another_fit_is_refused(client, tmp_path):
    X = blobs(3000)
    distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, random_state=0, checkpoint=tmp_path / "work")
    for options, message in [
        ({"max_nodes": 31}, "max_nodes is 30 there, got 31"),
        ({"random_state": 1}, "seed is 0 there, got 1"),
        ({"max_age": 9}, "max_age is 50 there, got 9"),
    ]:
        with pytest.raises(ValueError, match=message):
            distributed.fit(
                delayed_parts(X, 1000),
                client,
                checkpoint=tmp_path / "work",
                **{"max_nodes": 30, "random_state": 0, **options},
            )
    with pytest.raises(ValueError, match=r"lengths is \[1000, 2000\] there, got \[500, 2500\]"):
        distributed.fit(delayed_parts(X, 500), client, max_nodes=30, random_state=0, checkpoint=tmp_path / "work")
    (tmp_path / "work" / "about.json").write_text("{")
    with pytest.raises(ValueError, match="is damaged or of something else"):
        distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, checkpoint=tmp_path / "work")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds other files, give a new folder"):
        distributed.fit(delayed_parts(X, 1000), client, max_nodes=30, checkpoint=tmp_path / "mine")


def killing_worker(*pids):
    """A callback that kills a worker when the pass over all data is half done."""

    def callback(done, total):
        if done == total - 10:
            os.kill(pids[0], signal.SIGKILL)

    return callback


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_worker_changes_nothing(client):
    X = in_order()
    parts = delayed_parts(X, 4000, 9000, 15_000)
    whole = distributed.fit(parts, client, max_nodes=50, random_state=1)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as other:
        pids = list(other.run(os.getpid).values())
        killed = distributed.fit(parts, other, max_nodes=50, random_state=1, callback=killing_worker(*pids))
        assert pids[0] not in other.run(os.getpid).values()
    assert killed.graph_ == whole.graph_


@pytest.mark.parametrize(
    "data, error, message",
    [
        (np.zeros((5, 2)), TypeError, "got ndarray: GrowingNeuralGas.fit takes it"),
        (5, TypeError, "data must be a Dask array, bag or data frame, a memory-mapped array or a list, got int"),
        ([], ValueError, "data must have at least one partition"),
        ([np.zeros((5, 2))], TypeError, "must hold Dask delayed objects or memory-mapped arrays, got ndarray"),
        (da.zeros(5), ValueError, r"data must have 2 dimensions \(n, d\), got shape \(5,\)"),
        (delayed_parts(np.zeros((0, 2))), ValueError, "data must have at least one row"),
        (delayed_parts(np.zeros((5, 2))), ValueError, "at least 2 distinct points"),
        (
            [dask.delayed(blobs(50)), dask.delayed(np.zeros((5, 3)))],
            ValueError,
            "partition 1: it must have 2 columns as the first, got 3",
        ),
        ([dask.delayed(blobs(50)), dask.delayed(["no", "numbers"])], (TypeError, ValueError), "partition 1: X must"),
    ],
)
def test_what_is_no_data(client, data, error, message):
    with pytest.raises(error, match=message):
        distributed.fit(data, client, max_nodes=5)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("n, row, max_nodes", [(1500, 777, 50), (1500, 0, 10), (150_000, 140_000, 5)])
def test_numbers_that_are_not_finite_are_named_by_partition_and_row(client, kind, value, n, row, max_nodes):
    """The first is in the samples, as all rows are; the last is seen in a pass over all data, which goes by pieces."""
    X = blobs(n).astype(kind)
    wrong = X.copy()
    wrong[row, 1] = value
    given = re.escape(str(float(kind(value))))
    with pytest.raises(
        ValueError, match=rf"^partition 1: X must hold finite numbers .*got {given} in row {row}, column 1 "
    ):
        distributed.fit([dask.delayed(X), dask.delayed(wrong)], client, max_nodes=max_nodes, random_state=0)


# ---- predict --------------------------------------------------------------------------------------------------------


def test_predict_of_every_kind_of_data(client, tmp_path):
    X = in_order(6000)
    model = GrowingNeuralGas(60, random_state=0, max_age=20).fit(X)
    X.tofile(tmp_path / "X.f4")
    bag = pytest.importorskip("dask.bag")
    whole = np.memmap(tmp_path / "X.f4", np.float32, "r", shape=X.shape)
    expected = model.predict(X)
    assert expected.max() > 2
    for data in (
        da.from_array(X, chunks=((2000, 4000), (1, 1))),
        delayed_parts(X, 0, 2000),
        bag.from_delayed([dask.delayed([X[:500], X[500:2000]]), dask.delayed([X[2000:]])]),
        whole,
        [whole[:2000], whole[2000:]],
    ):
        labels = distributed.predict(model, data)
        assert isinstance(labels, da.Array) and labels.dtype == np.int64 and labels.ndim == 1
        assert np.array_equal(labels.compute(), expected)
    assert distributed.predict(model, da.from_array(X, chunks=(2000, 2))).chunks == ((2000, 2000, 2000),)


def test_predict_is_lazy_and_keeps_the_model_as_it_is(tmp_path):
    X, read = in_order(3000), tmp_path / "read"
    model = GrowingNeuralGas(60, random_state=0).fit(X)
    expected = model.predict(X)
    labels = distributed.predict(model, counted(X, read))
    assert not read.exists()
    model.partial_fit(-X)
    assert np.array_equal(labels.compute(scheduler="sync"), expected) and read.stat().st_size == 2
    assert np.array_equal(labels[2500:].compute(scheduler="sync"), expected[2500:]) and read.stat().st_size == 3


def test_predict_compares_the_columns(client):
    pytest.importorskip("pyarrow")
    frames = pytest.importorskip("dask.dataframe")
    X = blobs(3000)
    model = distributed.fit(frames.from_pandas(table(X, "x", "y"), npartitions=3), client, max_nodes=30, random_state=0)
    labels = distributed.predict(model, frames.from_pandas(table(X, "x", "y"), npartitions=2)).compute()
    assert np.array_equal(labels, model.predict(table(X, "x", "y")))
    with pytest.raises(ValueError, match=r"^partition 0: The feature names should match those that were passed"):
        distributed.predict(model, [dask.delayed(table(X, "y", "x"))]).compute()
    with pytest.raises(ValueError, match=r"^partition 1: X has 1 features, but GrowingNeuralGas is expecting 2"):
        distributed.predict(model, [dask.delayed(table(X, "x", "y")), dask.delayed(X[:, :1])]).compute()
    with pytest.raises(ValueError, match=r"^data must have 2 columns, as that of the model, got 3$"):
        distributed.predict(model, da.zeros((10, 3)))
    with pytest.raises(AttributeError, match="is not fitted yet"):
        distributed.predict(GrowingNeuralGas(), da.zeros((10, 3)))
    with pytest.raises(TypeError, match="^model must be a GrowingNeuralGas, got ndarray$"):
        distributed.predict(X, da.zeros((10, 3)))
    with pytest.raises(TypeError, match="^data must be a Dask array"):
        distributed.predict(model, X)


@pytest.mark.quick
@pytest.mark.parametrize(
    "options, message",
    [
        ({"max_nodes": 1}, r"max_nodes must be in \[2, 1073741824\], got 1"),
        ({"eps_b": 5}, r"eps_b must be in \(0, 1\], got 5"),
        ({"lam": 5}, "lam is not a parameter of distributed.fit"),
        ({"client": 5}, "client must be a distributed.Client"),
        ({"random_state": -1}, "random_state must be in"),
    ],
)
def test_wrong_parameters(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        distributed.fit(da.zeros((10, 2)), **options)


# ---- draw_many ------------------------------------------------------------------------------------------------------


@pytest.fixture
def album(tmp_path):
    """Three pictures, one of which is broken, and a text."""
    pil = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    (tmp_path / "album").mkdir()
    for name in ("a.png", "b.png"):
        pil.fromarray((rng.random((40, 50)) * 255).astype(np.uint8)).save(tmp_path / "album" / name)
    (tmp_path / "album" / "broken.JPG").write_bytes(b"\xff\xd8\xff nothing")
    (tmp_path / "album" / "notes.txt").write_text("no picture")
    return tmp_path / "album"


def test_a_folder_of_pictures(client, album, tmp_path):
    seen = []
    drawn = distributed.draw_many(
        album, tmp_path / "out", client, nodes=60, page="a6", retrace=True, callback=lambda *now: seen.append(now)
    )
    assert [os.path.basename(one.picture) for one in drawn] == ["a.png", "b.png", "broken.JPG"]
    assert [one.error is None for one in drawn] == [True, True, False]
    assert drawn[2].out is None and "broken.JPG" in drawn[2].error and "\n" not in drawn[2].error
    assert sorted(os.listdir(tmp_path / "out")) == ["a.svg", "b.svg"]
    artwork = recipes.make(str(album / "a.png"), nodes=60, page="a6", retrace=True)
    recipes_svg = tmp_path / "alone.svg"
    from gng_fast import export

    export.save(recipes_svg, drawing=artwork.drawing)
    assert (tmp_path / "out" / "a.svg").read_bytes() == recipes_svg.read_bytes()
    assert sorted(done for done, _, _ in seen) == [1, 2, 3] and {one for _, _, one in seen} == set(drawn)


def test_patterns_lists_and_urls(client, album, tmp_path):
    drawn = distributed.draw_many(f"{album}/?.png", f"file://{tmp_path}/urls", client, nodes=20, ending=".json")
    assert [one.error for one in drawn] == [None, None]
    data = json.loads((tmp_path / "urls" / "b.json").read_text())
    assert len(data["nodes"]) == 20
    drawn = distributed.draw_many([f"file://{album}/b.png", album / "gone.png"], tmp_path / "list", client, nodes=20)
    assert drawn[0].out == f"{tmp_path}/list/b.svg" and drawn[0].error is None
    assert drawn[1].error == f"{album}/gone.png does not exist"


def test_pictures_whose_names_differ_in_the_ending_alone(client, album, tmp_path):
    os.rename(album / "b.png", album / "a.gif.png")
    (album / "a.gif").write_bytes((album / "a.png").read_bytes())
    distributed.draw_many(album, tmp_path / "out", client, nodes=20)
    assert sorted(os.listdir(tmp_path / "out")) == [
        "a.gif.png.svg",
        "a.gif.svg",
        "a.png.svg",
    ]  # and not a.gif.svg twice


@pytest.mark.quick
@pytest.mark.parametrize(
    "pictures, options, message",
    [
        ("nowhere", {}, "cannot read 'nowhere': there is no such folder"),
        ("*.nothing", {}, "pictures must be at least one"),
        ([], {}, "pictures must be at least one"),
        (["a.png", "x/a.png"], {}, "different names, got two called 'a.png'"),
        (["a.png"], {"style": "oil"}, "style must be one of"),
        (["a.png"], {"levels": (0, 1)}, "levels is not for style mesh"),
        (["a.png"], {"ending": ".doc"}, "the ending must be one of"),
    ],
)
def test_what_cannot_be_drawn_is_said_before_the_work(tmp_path, pictures, options, message):
    with pytest.raises((ValueError, OSError), match=message.replace("*", r"\*")):
        distributed.draw_many(pictures, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
