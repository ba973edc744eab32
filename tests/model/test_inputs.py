"""What users hand over today: loaders of batches, tensors, annotated data, bytes; and what notebooks show."""

import inspect
import io
from collections import UserDict

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas, Network, Signals, export

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((1200, 3), dtype=np.float32)


def model():
    return GrowingNeuralGas(30, random_state=0)


class Loader:
    """It is iterated again and again, and neither indexed nor an iterator, as the DataLoader of PyTorch."""

    def __init__(self, wrap=lambda batch: batch):
        self.wrap = wrap

    def __len__(self):
        return 4

    def __iter__(self):
        return (self.wrap(batch) for batch in np.split(X, 4))


class Tensor:
    """A tensor as PyTorch's: with a gradient, or of bfloat16, NumPy is refused."""

    def __init__(self, values, dtype="torch.float32", requires_grad=False):
        self.values, self.dtype, self.requires_grad = values, dtype, requires_grad
        self.shape, self.ndim = values.shape, values.ndim

    def __getitem__(self, index):
        return Tensor(self.values[index], self.dtype, self.requires_grad)

    def __len__(self):
        return len(self.values)

    def detach(self):
        return Tensor(self.values, self.dtype)

    def float(self):
        return Tensor(self.values, requires_grad=self.requires_grad)

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: (x,), lambda x: [x], lambda x: (Tensor(x),)])
def test_a_loader_of_batches(wrap):
    assert model().partial_fit(Loader(wrap)).graph_ == model().partial_fit(X).graph_


class Stream:
    """It can be indexed in name only, as the IterableDataset of PyTorch."""

    def __iter__(self):
        return iter(np.split(X, 4))

    def __getitem__(self, index):
        raise NotImplementedError


def test_what_can_be_indexed_in_name_only_is_a_loader():
    assert model().partial_fit(Stream()).graph_ == model().partial_fit(X).graph_


def test_batches_with_names_are_refused_with_what_to_do():
    with pytest.raises(TypeError, match=r"got a dict: give the entry .* as in \(batch\['x'\] for batch in X\)"):
        model().partial_fit(Loader(lambda x: {"y": 1, "x": x}))
    with pytest.raises(TypeError, match=r"got a dict: make columns of its values"):
        model().partial_fit(Loader(lambda x: dict(zip("abc", x.T))))


def test_batches_with_labels_are_refused_with_what_to_do():
    with pytest.raises(
        TypeError, match=r"got a tuple of 2: give the one with the rows, as in \(batch\[0\] for batch in X\)"
    ):
        model().partial_fit(Loader(lambda x: (x, np.zeros(len(x)))))
    with pytest.raises(TypeError, match="give an iterator of arrays to partial_fit"):
        model().fit(Loader())
    with pytest.raises(ValueError, match="cannot be used with an iterator"):
        model().partial_fit(Loader(), sample_weight=np.ones(1200))


def test_a_list_of_rows_and_an_array_are_still_rows():
    rows = [tuple(row) for row in X[:50].tolist()]
    assert model().partial_fit(rows).graph_ == model().partial_fit(X[:50]).graph_
    assert model().partial_fit(iter([rows])).graph_ == model().partial_fit(X[:50]).graph_


@pytest.mark.parametrize(
    "tensor", [Tensor(X, requires_grad=True), Tensor(X, "torch.bfloat16"), Tensor(X, "torch.bfloat16", True)]
)
def test_tensors_with_a_gradient_or_of_bfloat16(tensor):
    assert model().fit([tensor[i] for i in range(1200)]).graph_ == model().fit(X).graph_
    assert model().fit(tensor).graph_ == model().fit(X).graph_
    assert len(Signals(tensor)) == 1200


def test_weights_are_tensors_too():
    weights = np.linspace(0, 1, 1200, dtype=np.float32)
    wanted = model().fit(X, sample_weight=weights).graph_
    for tensor in Tensor(weights, requires_grad=True), Tensor(weights, "torch.bfloat16"):
        assert model().fit(X, sample_weight=tensor).graph_ == wanted


def test_a_tensor_that_numpy_cannot_read():
    class Sparse(Tensor):
        def detach(self):
            return self

        def __array__(self, dtype=None, copy=None):
            raise TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() first.")

    for method in model().fit, model().partial_fit, Signals:
        with pytest.raises(TypeError, match=r"^X must be an array .*, got a Sparse that NumPy cannot read: .*to_dense"):
            method(Sparse(X))


class View(np.ndarray):
    """An array, though it says how a sparse one would become dense, as the views of anndata."""

    def toarray(self):
        return np.asarray(self)


def test_arrays_with_toarray_are_arrays():
    assert model().fit(X.view(View)).graph_ == model().fit(X).graph_


def annotated(**attributes):
    def refuse(self, *_):
        raise AssertionError("it is looked at entry by entry")

    body = {**attributes, "__getitem__": refuse, "__iter__": None, "__len__": lambda self: 1200, "shape": (1200, 3)}
    return type("AnnData", (), body)()


@pytest.mark.parametrize(
    "data, advice",
    [
        (annotated(X=X, obsm={}), r"got AnnData: give its matrix .X, or a representation in .obsm"),
        (annotated(tables={}, images={}), r"give the .X or .obsm of one of its .tables"),
        (annotated(mod={}, obsm={}, X=None), r"give a representation in its .obsm, or the .X of one of its .mod"),
        (type("Dataset", (UserDict,), {"data_vars": {}})(a=X), r"give one of its variables"),
        (annotated(tensors=(X,)), r"give one of its .tensors, as data.tensors\[0\]"),
        (annotated(to_batches=None), r"give what its to_batches\(\) returns to partial_fit"),
        (UserDict(X_pca=X), r"give one of its entries, as in X\['X_pca'\]"),
    ],
)
def test_annotated_data_is_refused_with_what_to_give(data, advice):
    for method in model().fit, model().partial_fit, Signals:
        with pytest.raises(TypeError, match=advice):
            method(data)


@pytest.mark.parametrize(
    "given",
    [
        *(X.astype(np.float64), X[:, ::-1], np.asfortranarray(X)),
        memoryview(X.astype(np.float64)),
        *(Tensor(X.astype(np.float64)), Tensor(X[:, ::-1], requires_grad=True)),
    ],
)
def test_signals_that_had_to_copy_say_so(given):
    with pytest.warns(UserWarning, match="X was copied, .* what is written into it later has no effect") as told:
        Signals(given)
    assert told[0].filename == __file__


def test_signals_that_did_not_copy_say_nothing(recwarn):
    frozen = X.astype(np.float64)
    frozen.flags.writeable = False
    for given in X, X.tolist(), frozen, memoryview(X), memoryview(frozen), Tensor(X), Tensor(X, requires_grad=True):
        Signals(given)
    assert not recwarn.list


def test_bytes_are_the_content_of_a_file(tmp_path):
    fitted = model().fit(X)
    file = io.BytesIO()
    fitted.save(file)
    assert GrowingNeuralGas.load(file.getvalue()).graph_ == fitted.graph_
    for write, read in (export.write_npz, export.read_npz), (export.write_json, export.read_json):
        file = io.BytesIO()
        write(fitted.graph_, file)
        assert read(file.getvalue()) == read(memoryview(file.getvalue())) == fitted.graph_
        with pytest.raises(ValueError, match="cannot read the bytes: "):
            read(b"nothing")


def test_signatures_and_reprs():
    network, signals = Network(3, max_nodes=100), Signals(X, jitter=0.5)
    assert str(inspect.signature(Network)).startswith(
        "(n_features, *, seed=0, search='auto', max_nodes=1000, eps_b=0.2"
    )
    assert str(inspect.signature(Signals)) == "(X, sampling='epochs', *, weights=None, jitter=0.0)"
    for parameter in list(inspect.signature(Network).parameters.values())[1:]:
        Network(3, **{parameter.name: parameter.default})
    assert repr(signals) == "<Signals: 1,200 rows of 3 features, in epochs, jitter 0.5>"
    network.draw_start_nodes(signals)
    network.train(signals, 1000)
    assert repr(network) == f"<Network of 3 features: 12 of 100 nodes, {network.graph().n_edges} edges, 1,000 signals>"


def test_a_notebook_shows_the_box_of_scikit_learn():
    pytest.importorskip("sklearn")
    html = model()._repr_html_()
    assert "GrowingNeuralGas" in html and "<style>" in html and "max_nodes" in model().fit(X)._repr_html_()


def test_a_graph_is_still_shown():
    assert Graph([[0, 0], [1, 1]], [[0, 1]])._repr_svg_().startswith("<svg")
