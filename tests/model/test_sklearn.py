"""The protocol of scikit-learn: with scikit-learn its own checks and tools, without it what does not need it."""

import copy
import json
import os
import pickle
import subprocess
import sys
import weakref

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas

# Rows in another order are other signals, so that no fit that learns row by row can pass it; scikit-learn's own KMeans,
# MiniBatchKMeans and SGDClassifier are excused from it in the same words.
CANNOT_PASS = {
    "check_sample_weight_equivalence_on_dense_data": "sample_weight is not equivalent to removing/repeating samples."
}

BLOBS = np.concatenate(
    [np.random.default_rng(0).normal(centre, 0.3, size=(100, 2)) for centre in ((0, 0), (9, 9), (0, 9))]
)


def model(**parameters):
    return GrowingNeuralGas(**{"max_nodes": 30, "lam": 20, "max_age": 10, "random_state": 0, **parameters})


def run(program, **environment):
    """Run a program in another process, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- without scikit-learn -------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_parameters_are_got_and_set():
    graph = Graph([[0, 0], [1, 1]], [(0, 1)])
    some = GrowingNeuralGas(50, init=graph, eps_b=0.1)
    parameters = some.get_params()
    assert list(parameters)[:2] == ["max_nodes", "eps_b"] and len(parameters) == 25
    assert (parameters["max_nodes"], parameters["init"], parameters["lam"]) == (50, graph, 100)
    assert GrowingNeuralGas(**parameters).get_params() == parameters == some.get_params(deep=False)
    assert some.set_params(lam=7, max_nodes=8) is some.set_params()
    assert (some.lam, some.max_nodes, some.eps_b) == (7, 8, 0.1)
    with pytest.raises(ValueError, match="^'step' is not a parameter; the parameters are max_nodes, eps_b, "):
        some.set_params(lam=1, step=2)
    assert some.lam == 7


def test_repr_shows_what_is_not_default():
    assert repr(GrowingNeuralGas()) == "GrowingNeuralGas()"
    assert (
        repr(GrowingNeuralGas(50, lam=100, eps_b=0.1, utility=3))
        == "GrowingNeuralGas(max_nodes=50, eps_b=0.1, utility=3)"
    )


@pytest.mark.quick
def test_labels_are_the_clusters_of_the_data():
    fitted = model().fit(BLOBS)
    assert fitted.labels_.dtype == np.int64
    assert np.array_equal(fitted.labels_, fitted.predict(BLOBS))
    assert np.array_equal(fitted.labels_, fitted.graph_.components[fitted.nearest(BLOBS)])
    assert np.array_equal(model().fit_predict(BLOBS), fitted.labels_)
    assert [len(set(fitted.labels_[start : start + 100])) for start in (0, 100, 200)] == [1, 1, 1]
    assert len(set(fitted.labels_)) == 3


def test_no_data_is_kept_for_the_labels():
    X = BLOBS.astype(np.float32)
    fitted, there = model().fit(X), weakref.ref(X)
    del X
    assert there() is None
    labels = fitted.labels_
    assert fitted.labels_ is labels
    assert not hasattr(fitted.partial_fit(BLOBS), "labels_")
    X = BLOBS.astype(np.float32)
    fitted, there = model().fit(X).partial_fit(BLOBS), weakref.ref(X)
    del X
    assert there() is None
    with pytest.raises(
        AttributeError, match="^labels_: there are none during fit, .*, and after further training, call predict$"
    ):
        fitted.labels_


@pytest.mark.quick
def test_fit_transform_and_names_of_columns():
    fitted = model()
    assert np.array_equal(fitted.fit_transform(BLOBS), model().fit(BLOBS).transform(BLOBS))
    assert fitted.get_feature_names_out(["a", "b"]).tolist() == [f"growingneuralgas{i}" for i in range(30)]
    assert not hasattr(fitted, "feature_names_in_")
    with pytest.raises(
        ValueError, match=r"^input_features should have length equal to number of features \(2\), got 1$"
    ):
        fitted.get_feature_names_out(["a"])


@pytest.mark.parametrize("again", [copy.deepcopy, lambda fitted: pickle.loads(pickle.dumps(fitted))])
@pytest.mark.parametrize("offset", [0, 4e6])
def test_copies_and_pickles_look_up_as_before(again, offset):
    X = BLOBS + offset
    fitted = model().fit(X)
    other = again(fitted)
    assert np.array_equal(other.labels_, fitted.labels_)
    assert np.array_equal(other.transform(X), fitted.transform(X))
    assert other.score(X) == fitted.score(X)
    assert np.array_equal(other.graph_.nodes, fitted.graph_.nodes)
    assert np.array_equal(other.graph_.edges, fitted.graph_.edges)
    assert np.array_equal(other.history_, fitted.history_)
    assert other.get_params() == fitted.get_params()
    assert other.partial_fit(X).graph_.n_nodes == 30
    assert not hasattr(again(model()), "graph_")
    assert not hasattr(again(model().partial_fit(X)), "labels_")


def test_everything_but_data_frames_works_without_sklearn():
    out = run("""if True:
        import sys
        sys.modules["sklearn"] = None
        import numpy as np
        from gng_fast import GrowingNeuralGas
        X = np.random.default_rng(0).random((500, 2))
        model = GrowingNeuralGas(20, lam=20, random_state=0)
        print(hasattr(model, "graph_"), model)
        print(model.fit_predict(X).shape, model.fit_transform(X).shape, model.set_params(lam=5).get_params()["lam"])
        try:
            model.set_output(transform="pandas")
        except ImportError as error:
            print(error)
    """)
    assert out.splitlines() == [
        "False GrowingNeuralGas(max_nodes=20, lam=20, random_state=0)",
        "(500,) (500, 20) 5",
        "set_output needs scikit-learn: pip install 'gng-fast[sklearn]'",
    ]


def test_importing_and_training_import_nothing_heavy():
    out = run("""if True:
        import sys
        import numpy as np
        from gng_fast import GrowingNeuralGas
        model = GrowingNeuralGas(20, random_state=0).fit(np.random.default_rng(0).random((500, 2)))
        model.transform([[0, 0]]), model.labels_, repr(model), model.get_params(), hasattr(GrowingNeuralGas(), "graph_")
        heavy = "sklearn", "scipy", "pandas", "networkx", "matplotlib", "skimage", "PIL"
        print([name for name in heavy if name in sys.modules])
    """)
    assert out == "[]\n"


# ---- with scikit-learn ----------------------------------------------------------------------------------------------


@pytest.fixture
def sklearn():
    return pytest.importorskip("sklearn", minversion="1.6")


def test_all_checks_of_sklearn(sklearn):
    out = run(
        """if True:
        import json, warnings
        warnings.simplefilter("ignore")
        from sklearn.utils.estimator_checks import check_estimator
        from gng_fast import GrowingNeuralGas
        results = check_estimator(GrowingNeuralGas(), on_fail=None, on_skip=None)
        print(json.dumps([(result["check_name"], result["status"]) for result in results]))
    """,
        SCIPY_ARRAY_API="1",
    )
    results = json.loads(out)
    assert len(results) > 40
    no_library = {
        "check_set_output_transform_pandas",
        "check_global_output_transform_pandas",
        "check_set_output_transform_polars",
        "check_global_set_output_transform_polars",
    }
    assert {name for name, status in results if status == "failed"} == set(CANNOT_PASS)
    assert {name for name, status in results if status == "skipped"} <= no_library


@pytest.mark.filterwarnings("ignore")
def test_check_estimator_with_the_one_excuse(sklearn):
    from sklearn.utils.estimator_checks import check_estimator

    check_estimator(GrowingNeuralGas(), expected_failed_checks=CANNOT_PASS, on_skip=None)


@pytest.mark.parametrize(
    "name",
    [
        "check_clustering",
        "check_clusterer_compute_labels_predict",
        "check_inplace_ensure_writeable",
        "check_estimators_partial_fit_n_features",
    ],
)
def test_checks_that_sklearn_keeps_for_its_own_clusterers(sklearn, name):
    """check_estimator recognises a clusterer by its base class, which needs scikit-learn to be imported."""
    from sklearn.utils import estimator_checks

    getattr(estimator_checks, name)("GrowingNeuralGas", GrowingNeuralGas())


def test_kind_of_estimator(sklearn):
    from sklearn.base import is_classifier, is_clusterer
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    assert is_clusterer(model()) and not is_classifier(model())
    with pytest.raises(NotFittedError):
        check_is_fitted(model())
    with pytest.raises(
        NotFittedError, match="^graph_: this GrowingNeuralGas is not fitted yet, call fit or partial_fit first$"
    ):
        model().graph_
    check_is_fitted(model().fit(BLOBS))


@pytest.mark.quick
def test_clone(sklearn):
    from sklearn.base import clone

    fitted = model(init=Graph([[0, 0], [1, 1]], [(0, 1)]), random_state=np.random.RandomState(5)).fit(BLOBS)
    new = clone(fitted)
    assert not hasattr(new, "graph_")
    assert new.init == fitted.init and new.max_nodes == 30
    assert clone(model()).fit(BLOBS).graph_ == model().fit(BLOBS).graph_


@pytest.mark.quick
def test_pipeline(sklearn):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), model()).set_params(growingneuralgas__max_nodes=25)
    weights = np.repeat([1.0, 0, 1], 100)
    pipeline.fit(BLOBS, growingneuralgas__sample_weight=weights)
    alone = model(max_nodes=25).fit(StandardScaler().fit_transform(BLOBS), sample_weight=weights)
    assert pipeline[-1].graph_ == alone.graph_
    assert pipeline.predict(BLOBS).shape == (300,)
    assert pipeline.transform(BLOBS).shape == (300, 25)
    assert pipeline.score(BLOBS) < 0
    assert pipeline.get_feature_names_out().tolist() == alone.get_feature_names_out().tolist()
    assert "growingneuralgas" in pipeline._repr_html_()


def test_metadata_routing(sklearn):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    weights = np.repeat([1.0, 0, 1], 100)
    with sklearn.config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(MinMaxScaler(), model().set_fit_request(sample_weight=True))
        pipeline.fit(BLOBS, sample_weight=weights)
        assert pipeline[-1].graph_ == model().fit(MinMaxScaler().fit_transform(BLOBS), sample_weight=weights).graph_
        pipeline[-1].set_fit_request(sample_weight=False).set_partial_fit_request(sample_weight="weight")
        routing = sklearn.base.clone(pipeline[-1]).get_metadata_routing()
        assert (routing.fit.requests, routing.partial_fit.requests) == (
            {"sample_weight": False},
            {"sample_weight": "weight"},
        )


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search(sklearn, n_jobs):
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(model(), {"max_nodes": [4, 40], "eps_b": [0.1]}, cv=3, n_jobs=n_jobs).fit(BLOBS)
    assert search.best_params_ == {"max_nodes": 40, "eps_b": 0.1}
    assert search.best_score_ == search.cv_results_["mean_test_score"].max() < 0
    assert search.predict(BLOBS).shape == search.best_estimator_.labels_.shape == (300,)


def test_joblib(sklearn, tmp_path):
    import joblib

    fitted = model().fit(BLOBS)
    joblib.dump(fitted, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    assert np.array_equal(again.predict(BLOBS), fitted.predict(BLOBS))
    fits = joblib.Parallel(n_jobs=2)(joblib.delayed(model(random_state=seed).fit)(BLOBS) for seed in (1, 2))
    assert [fit.graph_ == model(random_state=seed).fit(BLOBS).graph_ for fit, seed in zip(fits, (1, 2))] == [True, True]


def test_set_output(sklearn):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(BLOBS, columns=["east", "north"], index=range(1000, 1300))
    fitted = model().fit(frame)
    plain = fitted.transform(frame)
    assert type(plain) is np.ndarray
    table = fitted.set_output(transform="pandas").transform(frame)
    assert table.columns.tolist() == fitted.get_feature_names_out().tolist()
    assert table.index.tolist() == list(range(1000, 1300))
    assert np.array_equal(table.to_numpy(), plain)
    assert type(sklearn.base.clone(fitted).fit_transform(frame)) is pandas.DataFrame
    assert type(fitted.set_output().transform(frame)) is pandas.DataFrame
    assert type(fitted.set_output(transform="default").transform(frame)) is np.ndarray
    with sklearn.config_context(transform_output="pandas"):
        assert type(model().fit_transform(frame)) is pandas.DataFrame
        assert type(fitted.transform(frame)) is np.ndarray
    with pytest.raises(ValueError, match="got tables"):
        fitted.set_output(transform="tables").transform(frame)


@pytest.mark.quick
def test_feature_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(BLOBS, columns=["east", "north"])
    fitted = model().fit(frame)
    assert fitted.feature_names_in_.tolist() == ["east", "north"] and fitted.feature_names_in_.dtype == object
    assert np.array_equal(fitted.predict(frame), model().fit(BLOBS).labels_)
    with pytest.raises(
        ValueError,
        match="^The feature names should match those that were passed during fit: expected "
        "east, north, got north, east$",
    ):
        fitted.predict(frame[["north", "east"]])
    with pytest.warns(UserWarning, match="^X does not have valid feature names, but GrowingNeuralGas was fitted with"):
        fitted.transform(BLOBS)
    with pytest.warns(UserWarning, match="^X has feature names, but GrowingNeuralGas was fitted without") as caught:
        model().fit(BLOBS).partial_fit(frame)
    assert caught[0].filename == __file__
    assert not hasattr(fitted.fit(BLOBS), "feature_names_in_")
    assert not hasattr(fitted.fit(pandas.DataFrame(BLOBS)), "feature_names_in_")
    with pytest.raises(TypeError, match="^Feature names are only supported if all input features have string names"):
        fitted.fit(pandas.DataFrame(BLOBS, columns=["east", 1]))
