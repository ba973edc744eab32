"""What PyTorch, AnnData, MuData, xarray and PyArrow hand over themselves, where they are installed.

Their stand-ins in test_inputs.py do what was seen here.
"""

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((1200, 3), dtype=np.float32)


def model():
    return GrowingNeuralGas(30, random_state=0)


@pytest.fixture(scope="module")
def expected():
    return model().partial_fit(X).graph_


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def test_loaders_of_torch(torch, expected):
    data = pytest.importorskip("torch.utils.data")
    rows = torch.from_numpy(X)

    class Batches(data.IterableDataset):
        def __iter__(self):
            return iter(rows.split(100))

    class Rows(data.IterableDataset):
        def __iter__(self):
            return iter(rows)

    for loader in (
        data.DataLoader(rows, batch_size=100),
        data.DataLoader(data.TensorDataset(rows), batch_size=100),
        data.DataLoader(Rows(), batch_size=100),
        data.DataLoader(Batches(), batch_size=None),
        Batches(),
        rows.split(100).__iter__(),
    ):
        assert model().partial_fit(loader).graph_ == expected
    with pytest.raises(TypeError, match=r"as in \(batch\[0\] for batch in X\)"):
        model().partial_fit(data.DataLoader(data.TensorDataset(rows, rows[:, 0]), batch_size=100))
    with pytest.raises(TypeError, match=r"^X must give arrays .* got a dict: .* \(batch\['points'\] for batch in X\)"):
        model().partial_fit(data.DataLoader([{"label": 1, "points": row} for row in rows[:200]], batch_size=100))
    with pytest.raises(TypeError, match=r"got TensorDataset: give one of its \.tensors"):
        model().partial_fit(data.TensorDataset(rows))


def test_tensors_of_torch(torch, expected):
    rows = torch.from_numpy(X)
    for tensor in rows, rows.clone().requires_grad_(), torch.nn.Parameter(rows), rows.t().contiguous().t():
        assert model().partial_fit(tensor).graph_ == expected
        assert model().partial_fit(list(tensor)).graph_ == expected
    rounded = model().partial_fit(rows.bfloat16().float().numpy()).graph_
    assert model().partial_fit(rows.bfloat16()).graph_ == rounded
    assert model().partial_fit(list(rows.bfloat16())).graph_ == rounded
    assert np.shares_memory(Signals(rows).X, X)  # without a copy
    Network(3).start(rows[:2].clone().requires_grad_())


def test_tensors_that_numpy_cannot_read(torch):
    rows = torch.from_numpy(X)
    for tensor in (
        rows.to_sparse(),
        rows.to("meta"),
        rows.to(torch.float8_e4m3fn),
        torch.complex(rows, rows).conj().imag,
    ):
        for method in model().fit, model().partial_fit, Signals:
            with pytest.raises(TypeError, match="^X must be an array of numbers of shape .*, got a Tensor that NumPy"):
                method(tensor)


def test_weights_of_torch(torch):
    weights = torch.linspace(0, 1, 1200)
    wanted = model().fit(X, sample_weight=weights.numpy()).graph_
    assert model().fit(X, sample_weight=weights.clone().requires_grad_()).graph_ == wanted
    rounded = model().fit(X, sample_weight=weights.bfloat16().float().numpy()).graph_
    assert model().fit(X, sample_weight=weights.bfloat16()).graph_ == rounded


def test_annotated_data(expected):
    data = pytest.importorskip("anndata").AnnData(X)
    data.obsm["X_pca"] = X
    with pytest.raises(TypeError, match=r"got AnnData: give its matrix \.X, or .*data\.obsm\['X_pca'\]"):
        model().partial_fit(data)
    with pytest.raises(TypeError, match=r"give one of its entries, as in X\['X_pca'\]"):
        model().partial_fit(data.obsm)
    part = data[:]  # a view: its arrays are of a class of anndata's own
    for table in data.X, data.obsm["X_pca"], part.X, part.obsm["X_pca"]:
        assert model().partial_fit(table).graph_ == expected


def test_several_modes():
    data = pytest.importorskip("anndata").AnnData(X)
    modes = pytest.importorskip("mudata").MuData({"rna": data})
    with pytest.raises(TypeError, match=r"got MuData: give a representation in its \.obsm, or the \.X of one of its"):
        model().fit(modes)


def test_data_sets_of_xarray(expected):
    data = pytest.importorskip("xarray").Dataset({name: ("row", column) for name, column in zip("abc", X.T)})
    with pytest.raises(TypeError, match=r"give one of its variables, or to_array\(\)\.T"):
        model().fit(data)
    assert model().partial_fit(data.to_array().T).graph_ == expected


def test_batches_of_pyarrow(expected, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    dataset = pytest.importorskip("pyarrow.dataset")
    table = pyarrow.table(dict(zip("abc", X.T)))
    for chunks in table.to_reader(100), iter(table.to_batches(100)), dataset.dataset(table).to_batches():
        assert model().partial_fit(chunks).graph_ == expected
    with pytest.raises(TypeError, match=r"Dataset: give what its to_batches\(\) returns to partial_fit"):
        model().partial_fit(dataset.dataset(table))


def test_slices_of_polars(expected):
    frame = pytest.importorskip("polars").DataFrame(X, schema=list("abc"))
    assert model().partial_fit(frame.iter_slices(100)).graph_ == model().partial_fit(frame).graph_ == expected
