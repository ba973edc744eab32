"""Data of other kinds: masked arrays, empty chunks, data frames, text, tensors."""

import pathlib
import re

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Signals

pytestmark = pytest.mark.quick

X = np.random.default_rng(0).random((600, 2))


def model(**parameters):
    return GrowingNeuralGas(**{"max_nodes": 30, "lam": 20, "max_age": 10, "random_state": 0, **parameters})


def test_masked_entries_are_refused():
    masked = np.ma.masked_array(X, mask=False)
    assert model().fit(masked).graph_ == model().fit(X).graph_
    masked[3, 1] = np.ma.masked
    for data in masked, list(masked):
        with pytest.raises(
            ValueError, match="^X must not hold masked entries, got one in row 3, column 1: fill them in"
        ):
            model().fit(data)
    with pytest.raises(ValueError, match="^sample_weight must not hold masked entries, got one in row 5"):
        model().fit(X, sample_weight=np.ma.masked_array(np.ones(600), mask=np.arange(600) == 5))


def test_empty_chunks_are_left_out():
    chunks = [X[:0], X[:300], [], X[300:], np.empty((0, 2))]
    whole, one_by_one = model().partial_fit(X), model()
    for chunk in chunks:
        assert one_by_one.partial_fit(chunk) is one_by_one
    for fitted in one_by_one, model().partial_fit(iter(chunks)):
        assert fitted.graph_ == whole.graph_ and len(fitted.history_) == 2
    before = fitted.graph_
    assert fitted.partial_fit(X[:0], sample_weight=[]).graph_ is before
    for wrong in np.empty((0, 5)), iter([np.empty((0, 5))]):
        with pytest.raises(
            ValueError, match="^X has 5 features, but GrowingNeuralGas is expecting 2 features as input"
        ):
            fitted.partial_fit(wrong)
    with pytest.raises(ValueError, match=r"^sample_weight must have shape \(0,\)"):
        fitted.partial_fit(X[:0], sample_weight=[1])
    for wrong in "", np.empty((0, 2, 2)):
        with pytest.raises((TypeError, ValueError), match="^X must "):
            fitted.partial_fit(wrong)
    assert fitted.graph_ is before


def test_an_empty_first_chunk_leaves_a_model_unfitted():
    empty = model().partial_fit(X[:0])
    assert not hasattr(empty, "graph_")
    with pytest.raises(ValueError, match=r"^X must have at least one row and one column, got shape \(0, 2\)"):
        empty.fit(X[:0])
    assert empty.partial_fit(X).graph_ == model().partial_fit(X).graph_


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_empty_frames_are_left_out(library):
    frame = frame_of(library, east=X[:, 0], north=X[:, 1])
    fitted = model().partial_fit(frame[:0]).partial_fit(frame).partial_fit(frame[:0])
    assert fitted.graph_ == model().partial_fit(X).graph_
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.partial_fit(frame_of(library, east=X[:0, 0], south=X[:0, 1]))


def test_frames_with_text_or_missing_values_name_the_column():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"size": pandas.array([1, 2, None], "Int64"), "more": [1.5, 2.5, 3.5]})
    with pytest.raises(
        ValueError, match="^X must hold finite numbers .*, got (<NA> in row 2, column 'size'|nan in row 2)"
    ):
        model().fit(frame)
    frame = pandas.DataFrame({"size": [1.0, 2.0], "city": ["Rome", "Oslo"]})
    with pytest.raises(TypeError, match="got the text 'Rome' in row 0, column 'city': convert its column to numbers"):
        model().fit(frame)


FRAMES = {
    "pandas": lambda library, columns: library.DataFrame(columns),
    "polars": lambda library, columns: library.DataFrame(columns, strict=False),
    "pyarrow": lambda library, columns: library.table(columns),
}


def frame_of(library, **columns):
    return FRAMES[library](pytest.importorskip(library), columns)


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_frames_are_named_by_row_and_column(library, dtype):
    good = frame_of(library, size=np.array([1, 2, 3, 4], dtype), more=np.array([5, 4, 8, 7], dtype))
    fitted = model().fit(good)
    for value in np.nan, np.inf, 1e30:
        bad = frame_of(library, size=np.array([1, 2, 3, 4], dtype), more=np.array([5, 4, value, 7], dtype))
        message = r"^X must hold finite numbers .*, got (nan|inf|1e\+30|1\.\d+e\+30) in row 2, column 'more' \(no inf"
        calls = [model().fit, model().partial_fit, fitted.predict, fitted.partial_fit, fitted.reconnect, fitted.score]
        for call in [*calls, lambda X: model().partial_fit(iter([X]))]:
            with pytest.raises(ValueError, match=message):
                call(bad)
    with pytest.raises(ValueError, match="^init must hold finite numbers .* in row 2, column 'more'"):
        model(init=bad).fit(X)
    holes = frame_of(library, size=[1, 2, 3, 4], more=[5, None, 6, 7])
    with pytest.raises(ValueError, match="got nan in row 1, column 'more'"):
        model().fit(holes)


@pytest.mark.parametrize("library", FRAMES)
@pytest.mark.parametrize("text", [["1", "2"], ["1", "two"]])
def test_text_of_frames_is_no_number_even_if_it_looks_like_one(library, text):
    message = "^X must hold real numbers, got the text '1' in row 0, column 'city': convert its column to numbers, or"
    for columns in {"size": [1.0, 2.0], "city": text}, {"city": text, "more": text}:
        with pytest.raises(TypeError, match=message):
            model().fit(frame_of(library, **columns))


def test_an_object_of_numpy_with_text_names_row_and_column():
    for text in "b", "4", b"4":
        with pytest.raises(TypeError, match=f"got the text {text!r} in row 1, column 1: convert"):
            model().fit(np.array([[1, 2], [3, text]], dtype=object))
    with pytest.raises(TypeError, match="got the text '1' in row 0: convert"):
        model().fit(np.array(["1", "2"], dtype=object))
    with pytest.raises(
        TypeError, match=r"^X must hold real numbers, got dtype <U1, which is text: convert it, for inst"
    ):
        model().fit([["1", "2"], ["3", "4"]])
    assert model().fit(X.astype(object)).graph_ == model().fit(X.astype("f8")).graph_


@pytest.mark.parametrize(
    "given, message",
    [
        ("data.csv", "a str: load the file first, for instance with np.load or np.loadtxt"),
        (b"data.csv", "a bytes: load the file first, for instance with np.load or np.loadtxt"),
        (pathlib.PurePosixPath("data.csv"), "a PurePosixPath: load the file first, for instance with np.load or"),
        ({"a": [1, 2]}, "a dict: make columns of its values, for instance with np.column_stack(list(X.values()))"),
        (None, "None"),
        ({1, 2}, "a set"),
        (print, "a builtin_function_or_method"),
    ],
)
def test_what_is_no_array_says_what_to_do(given, message):
    fitted = model().fit(X)
    for call in model().fit, model().partial_fit, fitted.partial_fit, fitted.predict, fitted.score, Signals:
        with pytest.raises(
            TypeError, match=f"^X must be an array of numbers of shape \\(n, d\\), got {re.escape(message)}"
        ):
            call(given)


class Tensor:
    """Of another library: it has nothing but the protocol."""

    def __init__(self, array, error=None):
        self.array, self.error = array, error

    def __dlpack__(self, **how):
        if self.error:
            raise self.error
        return self.array.__dlpack__(**how)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Lazy:
    def collect(self):
        return X


def test_tensors_and_lazy_frames():
    assert model().fit(Tensor(X)).graph_ == model().fit(X).graph_
    with pytest.raises(TypeError, match="^X must be in the memory of the processor, got a Tensor that is not: copy it"):
        model().fit(Tensor(X, BufferError("on a GPU")))
    with pytest.raises(
        TypeError, match=r"^X must be an array or a data frame, got a Lazy, .*: give what its collect\(\)"
    ):
        model().fit(Lazy())


def test_tables_of_pyarrow_keep_their_names():
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"east": X[:, 0], "north": X[:, 1]})
    fitted = model().fit(table)
    assert fitted.feature_names_in_.tolist() == ["east", "north"] and fitted.graph_ == model().fit(X).graph_
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table.select(["north", "east"]))


def test_frames_of_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"east": X[:, 0], "north": X[:, 1]})
    assert model().fit(frame).feature_names_in_.tolist() == ["east", "north"]
    with pytest.raises(TypeError, match=r"got a LazyFrame, .*: give what its collect\(\) returns$"):
        model().fit(frame.lazy())
