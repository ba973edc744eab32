"""The clusters of a fitted model: labels, streams, numbers that stay, files, threads, and what is refused."""

import copy
import io
import pickle
import threading

import numpy as np
import pytest
from plain_clusters import PlainClusters
from samples import blobs

from gng_fast import GrowingNeuralGas, available_isas
from gng_fast.model.clustered import as_row_weights
from gng_fast.model.clusters import places
from gng_fast.model.clusters.recent import RecentRows, spread_rows
from gng_fast.model.fitted import training_state
from gng_fast.model.tally import tally

pytestmark = pytest.mark.quick

RNG = np.random.default_rng(0)
PLACES = np.array([[0, 0], [9, 0], [0, 20]])


def three(n=3000, shares=(3, 2, 1), seed=0, d=2):
    """Three blobs of falling size, and which of them each row is of."""
    rng = np.random.default_rng(seed)
    which = rng.choice(3, n, p=np.array(shares) / sum(shares))
    return np.hstack([PLACES, np.zeros((3, d))])[which, :d] + rng.normal(size=(n, d)), which


X, WHICH = three()


def model(**parameters):
    return GrowingNeuralGas(
        **{"max_nodes": 100, "n_epochs": 10, "eps_b_end": 0.01, "eps_n_end": 1e-4, "random_state": 0, **parameters}
    )


# ---- fit ------------------------------------------------------------------------------------------------------------


def test_labels_of_three_blobs():
    fitted = model().fit(X)
    assert fitted.n_clusters_ == 3 and fitted.labels_.dtype == np.int64
    assert (fitted.labels_ == WHICH).mean() > 0.999  # numbered by falling rows
    assert np.array_equal(fitted.labels_, fitted.predict(X))
    assert np.array_equal(fitted.labels_, model().fit_predict(X))
    assert np.array_equal(fitted.labels_, fitted.graph_.clusters[fitted.nearest(X)])
    assert fitted.labels_ is fitted.labels_ and fitted.graph_ is fitted.graph_


@pytest.mark.parametrize(
    "options",
    [{}, {"noise": True}, {"n_clusters": 2}, {"min_cluster_size": 900, "noise": True}, {"refine": True}],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_labels_are_those_of_the_plain_twin(options, weighted):
    some, weights = X[:400], RNG.integers(0, 5, 400) if weighted else None
    fitted = model(max_nodes=60, **options).fit(some.astype(np.float32), sample_weight=weights)
    options = {name: value for name, value in options.items() if name != "refine"}
    plain = PlainClusters(fitted.graph_.nodes, some.astype(np.float32), weights, **options)
    assert fitted.labels_.tolist() == plain.labels
    assert fitted.graph_.clusters.tolist() == plain.of_nodes
    assert fitted.probabilities_.tolist() == [plain.strengths[winner] for winner in plain.winners]
    assert fitted.persistence_.peaks.tolist() == [peak for peak, _, _ in plain.hills]


def test_probabilities_are_one_at_the_peak_and_zero_for_noise():
    fitted = model(noise=True).fit(np.concatenate([X, RNG.uniform(-9, 30, (100, 2))]))
    labels, strengths = fitted.labels_, fitted.probabilities_
    assert ((labels == -1) == (strengths == 0)).all() and 0 < (labels == -1).sum() < 200
    assert [strengths[labels == number].max() for number in range(fitted.n_clusters_)] == [1] * fitted.n_clusters_
    assert np.array_equal(strengths[:50], fitted.membership(np.concatenate([X, X])[:50]))


@pytest.mark.parametrize("d, offset, scale", [(2, 1e7, 1), (2, 0, 1e-20), (3, -1e6, 1e8)])
def test_clusters_do_not_depend_on_origin_and_unit(d, offset, scale):
    rows, _ = three(d=d)
    moved = (rows + offset) * scale
    fitted, other = model().fit(rows - rows[0]), model().fit(moved)
    assert (fitted.labels_ == other.labels_).mean() > 0.999 and other.n_clusters_ == 3
    assert np.array_equal(other.labels_, other.predict(moved))
    assert other.graph_.clusters is not None


@pytest.mark.parametrize(
    "options",
    [
        {"init": PLACES, "fixed_init": True},
        {"utility": 3.0},
        {"variant": "neupy", "eps_b": 0.1},
        {"sampling": "order"},
        {"sampling": "replacement", "refine": True, "n_jobs": 2},
    ],
)
def test_every_kind_of_network_has_clusters(options):
    fitted = model(**options).fit(X)
    assert fitted.n_clusters_ == 3 and (fitted.labels_ == WHICH).mean() > 0.99
    assert np.array_equal(fitted.labels_, fitted.predict(X))


def test_weights_count_as_repeated_rows_or_are_relative():
    weights = np.array([2.0, 0, 1])
    assert as_row_weights(weights, 3).tolist() == [2, 0, 1]
    for factor in 1 / 8, 5e-324, 1e300:
        assert as_row_weights(weights * factor, 3).tolist() == [4 / 3, 0, 2 / 3]
    relative = np.full(len(X), 1 / len(X))
    fitted = model().fit(X, sample_weight=relative)
    assert fitted.n_clusters_ == 3 and fitted.persistence_.rows.sum() > 0.9 * len(X)


@pytest.mark.parametrize("n", [2, 3, 9])
@pytest.mark.parametrize("max_nodes", [2, 30])
@pytest.mark.filterwarnings("ignore::gng_fast.GrowthWarning")
def test_hardly_any_rows_or_nodes(n, max_nodes):
    fitted = model(max_nodes=max_nodes, noise=True).fit(X[:n])
    assert set(fitted.labels_.tolist()) >= set(range(fitted.n_clusters_)) and len(fitted.probabilities_) == n
    assert np.array_equal(fitted.labels_, fitted.predict(X[:n]))


def test_n_jobs_changes_nothing():
    one, more = (model(n_jobs=n_jobs).fit(X) for n_jobs in (1, 3))
    assert np.array_equal(one.labels_, more.labels_) and np.array_equal(one.probabilities_, more.probabilities_)


@pytest.mark.parametrize("d", [2, 5, 40])
def test_no_instruction_set_changes_anything(d, monkeypatch):
    rows, _ = three(n=1500, d=d)
    found = []
    for name in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", name)
        fitted = model(noise=True).fit(rows)
        diagram = fitted.persistence_
        found.append([array.tobytes() for array in (fitted.labels_, fitted.probabilities_, diagram.peaks)])
    assert len(found) > 1 and all(other == found[0] for other in found)


def test_reconnecting_changes_no_cluster_by_density():
    fitted = model().fit(X)
    labels, graph = fitted.labels_, fitted.graph_
    assert fitted.reconnect(X[:100]).labels_ is labels and fitted.graph_ is not graph
    assert np.array_equal(fitted.graph_.clusters, graph.clusters)


# ---- other parameters, without training -----------------------------------------------------------------------------


def test_a_number_of_clusters_takes_effect_without_training():
    fitted = model().fit(X)
    graph = fitted.graph_
    fitted.set_params(n_clusters=2)
    assert fitted.n_clusters_ == 3  # not yet
    labels = fitted.cluster().labels_
    assert fitted.n_clusters_ == 2 and fitted.graph_ == graph
    assert set(labels.tolist()) == {0, 2} or set(labels.tolist()) == {0, 1}
    assert np.array_equal(labels, fitted.predict(X))
    assert np.array_equal(labels, labels[np.searchsorted(np.arange(len(X)), np.arange(len(X)))])
    again = fitted.set_params(n_clusters=None).cluster().labels_
    assert fitted.n_clusters_ == 3 and set(again.tolist()) - set(labels.tolist()) == {3}  # a new number
    assert np.array_equal(again == 0, WHICH == 0) or (again == 0).sum() > 1000


def test_other_rows_may_be_looked_up():
    fitted = model().fit(X)
    fitted.cluster(X[WHICH < 2])
    assert fitted.persistence_.rows.max() < (WHICH < 2).sum() + 1
    assert (fitted.labels_[WHICH < 2] == WHICH[WHICH < 2]).mean() > 0.999
    weighted = model().fit(X).cluster(X, sample_weight=(WHICH < 2).astype(float))
    assert np.array_equal(weighted.labels_, fitted.labels_)


# ---- streams --------------------------------------------------------------------------------------------------------


def test_after_partial_fit_clusters_are_of_the_last_rows():
    stream = model(max_nodes=50, lam=20).partial_fit(X)
    assert stream.n_clusters_ == 3 and not hasattr(stream, "labels_") and not hasattr(stream, "probabilities_")
    other = copy.deepcopy(stream).cluster(X[-400:])
    assert np.array_equal(stream.predict(X), other.predict(X))
    assert np.array_equal(stream.membership(X), other.membership(X))
    assert stream.graph_.clusters is not None and stream.partial_fit(X[:1]).graph_.clusters is None


def test_rows_in_pieces_are_kept_as_in_one():
    whole = model(max_nodes=50, lam=20).partial_fit(X)
    pieces = model(max_nodes=50, lam=20).partial_fit(iter(np.split(X, [1024, 1025, 1030, 2000])))
    single = model(max_nodes=50, lam=20).partial_fit(X[:2800])
    for row in X[2800:]:
        single.partial_fit(row[None])
    for other in pieces, single:
        assert np.array_equal(whole.predict(X), other.predict(X))
        assert np.array_equal(rows_kept(whole), rows_kept(other)) and len(rows_kept(whole)) == 400


def rows_kept(fitted):
    return training_state(fitted).recent.in_order()


def test_more_nodes_keep_more_rows():
    stream = model(max_nodes=10).partial_fit(X)
    assert len(rows_kept(stream)) == 80
    stream.set_params(max_nodes=20).partial_fit(X[:100])
    assert len(rows_kept(stream)) == 160
    assert np.array_equal(rows_kept(stream), np.concatenate([X[-60:], X[:100]]).astype(np.float32))
    assert training_state(stream.set_params(clusters="components").partial_fit(X[:1])).recent is None


def test_a_cluster_keeps_its_number_while_it_lives():
    """A stream that wanders: the second blob ends, the third grows, a fourth comes."""
    stream = model(max_nodes=60, lam=20, utility=4.0)
    rng = np.random.default_rng(1)
    places = {"a": (0, 0), "b": (9, 0), "c": (0, 20), "d": (25, 25)}

    def numbers(shares):
        which = rng.choice(list(shares), 2000, p=np.array(list(shares.values())) / sum(shares.values()))
        stream.partial_fit(np.array([places[name] for name in which]) + rng.normal(size=(2000, 2)))
        return {name: int(stream.predict([places[name]])[0]) for name in shares}

    assert numbers({"a": 3, "b": 2, "c": 1}) == {"a": 0, "b": 1, "c": 2}
    assert numbers({"a": 1, "b": 2, "c": 6}) == {"a": 0, "b": 1, "c": 2}
    assert numbers({"a": 1, "c": 1}) == {"a": 0, "c": 2}
    assert numbers({"a": 1, "c": 1, "d": 8}) == {"a": 0, "c": 2, "d": 3}
    assert numbers({"a": 1, "b": 1, "d": 1})["b"] == 4
    assert model().fit(X).n_clusters_ == 3 and set(model().fit(X).labels_.tolist()) == {0, 1, 2}


def test_fit_numbers_anew():
    fitted = model().fit(X)
    fitted.set_params(n_clusters=1).cluster().set_params(n_clusters=None).cluster()
    assert fitted.labels_.max() > 2
    assert (fitted.fit(X).labels_ == WHICH).mean() > 0.999


def test_clusters_within_a_callback_and_after_an_interruption():
    seen = []

    def look(done, total, it):
        seen.append((it.n_clusters_, len(it.predict(X[:10])), hasattr(it, "labels_")))
        if done == total:
            raise KeyboardInterrupt

    fitted = model()
    with pytest.raises(KeyboardInterrupt):
        fitted.fit(X, callback=look)
    assert len(seen) == 10 and seen[-1] == (3, 10, False)
    assert not hasattr(fitted, "labels_") and fitted.n_clusters_ == 3
    assert len(rows_kept(fitted)) == 800


# ---- copies and files -----------------------------------------------------------------------------------------------


def through_file(fitted):
    file = io.BytesIO()
    fitted.save(file)
    return GrowingNeuralGas.load(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it)), through_file])
@pytest.mark.parametrize("moved", [False, True])
def test_copies_have_the_same_clusters_and_go_on_alike(again, moved):
    fitted = model(noise=True).fit(X)
    fitted.set_params(n_clusters=2).cluster()
    if moved:
        fitted.partial_fit(X[:300])
    other = again(fitted)
    assert moved or np.array_equal(other.labels_, fitted.labels_)
    assert np.array_equal(rows_kept(other), rows_kept(fitted))
    for it in (fitted, other):
        it.partial_fit(X[:50]).set_params(n_clusters=None)
    assert np.array_equal(other.predict(X), fitted.predict(X))
    assert np.array_equal(other.graph_.clusters, fitted.graph_.clusters)
    for name in ("peaks", "saddles", "rows", "tau", "dimension", "mass"):
        assert np.array_equal(getattr(other.persistence_, name), getattr(fitted.persistence_, name))


def test_the_same_state_gives_the_same_file():
    files = [io.BytesIO(), io.BytesIO()]
    fitted = model().fit(X)
    fitted.save(files[0])
    through_file(fitted).save(files[1])
    assert files[0].getvalue() == files[1].getvalue()


def test_the_diagram_is_a_picture(tmp_path):
    xml = pytest.importorskip("xml.etree.ElementTree")
    diagram = model().fit(X).persistence_
    diagram.save(tmp_path / "diagram.svg")
    text = (tmp_path / "diagram.svg").read_text()
    assert text == diagram._repr_svg_() and "nan" not in text and "inf" not in text
    page = xml.fromstring(text)
    assert len(page.findall("{*}circle")) == len(diagram.peaks)
    assert text.count('fill="#d62728"') == 3
    with pytest.raises(AttributeError):
        diagram.tau = 3


def test_graphs_keep_their_clusters(tmp_path):
    from gng_fast import export

    graph = model().fit(X).graph_
    export.write_npz(graph, tmp_path / "a.npz")
    export.write_json(graph, tmp_path / "a.json")
    others = [export.read_npz(tmp_path / "a.npz"), export.read_json(tmp_path / "a.json")]
    others += [pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)]
    for other in others:
        assert other == graph and np.array_equal(other.clusters, graph.clusters)
    part = graph.subgraph(graph.clusters == 1)
    assert set(part.clusters.tolist()) == {1}
    assert graph.with_clusters(None).clusters is None and not graph.clusters.flags.writeable


# ---- large networks -------------------------------------------------------------------------------------------------


def test_places_stand_for_the_nodes_of_a_large_network(monkeypatch):
    monkeypatch.setattr(places, "MOST_PLACES", 90)
    fitted = model(max_nodes=300).fit(X)
    known = training_state(fitted).known_clusters()
    assert len(known.places) == 90 and len(fitted.graph_.clusters) == 300
    assert (fitted.labels_ == WHICH).mean() > 0.99 and np.array_equal(fitted.labels_, fitted.predict(X))
    assert fitted.persistence_.rows.max() == (fitted.labels_ == 0).sum()
    other = through_file(fitted)
    assert np.array_equal(other.labels_, fitted.labels_) and np.array_equal(other.probabilities_, fitted.probabilities_)
    for it in fitted, other:
        it.set_params(n_clusters=2).cluster()
    assert np.array_equal(other.labels_, fitted.labels_) and fitted.n_clusters_ == 2
    assert np.array_equal(through_file(fitted.partial_fit(X[:9])).predict(X), fitted.predict(X))


def test_places_win_what_their_nodes_have_won():
    """Whole numbers, and weights in quarters: sums are exact in any order."""
    rng = np.random.default_rng(0)
    rows, weights = rng.integers(0, 64, (3000, 2)).astype(np.float32), rng.integers(0, 5, 3000) / 4
    nodes, few = rows[:100], rows[:10] + np.float32(0.5)
    place_of = rng.integers(0, 10, 100)
    won = tally(nodes, rows, weights, pairs=True)
    found = places.won_by_places(few, place_of, nodes, won)
    winners = np.empty(len(rows), np.uint8)
    tally(nodes, rows, winners=winners)
    distances = np.square(rows - few[place_of[winners]]).sum(axis=1)
    for place in range(10):
        some = place_of[winners] == place
        assert found.counts[place] == weights[some].sum()
        assert found.sums[place].tolist() == (weights[some, None] * rows[some]).sum(axis=0).tolist()
        assert found.errors[place] == pytest.approx(weights[some] @ distances[some], rel=1e-4)
    a, b = np.divmod(found.pairs, 10)
    assert (a < b).all() and (np.diff(found.pairs) > 0).all()
    ends = place_of[np.stack(np.divmod(won.pairs, 100))]
    assert found.pair_counts.sum() == won.pair_counts[ends[0] != ends[1]].sum()


# ---- components -----------------------------------------------------------------------------------------------------


def test_components_are_as_ever():
    fitted = model(clusters="components", max_age=10).fit(blobs())
    assert np.array_equal(fitted.labels_, fitted.graph_.components[fitted.nearest(blobs())])
    assert fitted.n_clusters_ == fitted.graph_.n_components and fitted.graph_.clusters is None
    assert training_state(fitted).recent is None
    for name in ("persistence_", "probabilities_"):
        with pytest.raises(AttributeError, match=f"^{name}: there is none with clusters='components'"):
            getattr(fitted, name)
    with pytest.raises(AttributeError, match="membership"):
        fitted.membership(X)
    with pytest.raises(ValueError, match="^cluster needs clusters='density'"):
        fitted.cluster()


def test_density_after_components_needs_rows():
    fitted = model(clusters="components").fit(X).set_params(clusters="density")
    with pytest.raises(AttributeError, match=r"^predict: there are no rows .*: give some to cluster\(X\)$"):
        fitted.predict(X)
    assert not hasattr(fitted, "labels_") and not hasattr(fitted, "persistence_")
    assert fitted.cluster(X).n_clusters_ == 3 and (fitted.labels_ == WHICH).mean() > 0.999
    assert np.array_equal(fitted.labels_, model().fit(X).labels_)


# ---- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        ({"clusters": "hills"}, "clusters must be one of 'density', 'components', got 'hills'"),
        ({"n_clusters": 0}, r"n_clusters must be in \[1, inf\), got 0"),
        ({"n_clusters": 2.5}, r"n_clusters must be an integer in \[1, inf\), got 2.5"),
        ({"min_cluster_size": -1}, r"min_cluster_size must be in \[1, inf\), got -1"),
        ({"noise": 1}, "noise must be True or False, got 1"),
        ({"noise": True, "clusters": "components"}, "can only be used with clusters='density'"),
        ({"n_clusters": 3, "clusters": "components"}, "can only be used with clusters='density'"),
    ],
)
def test_what_no_parameter_may_be(options, message):
    for call in (lambda it: it.fit(X), lambda it: it.partial_fit(X)):
        with pytest.raises((ValueError, TypeError), match=message):
            call(model(**options))


def test_what_cluster_refuses():
    with pytest.raises(AttributeError, match="^cluster: this GrowingNeuralGas is not fitted yet"):
        model().cluster(X)
    fitted = model().fit(X)
    labels = fitted.labels_
    for call, message in (
        (lambda: fitted.cluster(X[:, :1]), "X has 1 features"),
        (lambda: fitted.cluster(sample_weight=[1.0]), "sample_weight cannot be used without X"),
        (lambda: fitted.cluster(X, sample_weight=np.zeros(len(X))), "sample_weight must not all be zero"),
        (lambda: fitted.cluster(X * np.nan), "finite"),
        (lambda: fitted.set_params(n_clusters=0).cluster(), "n_clusters must be in"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert fitted.labels_ is labels


# ---- threads --------------------------------------------------------------------------------------------------------


def test_one_thread_trains_while_others_read():
    fitted, stop, wrong = model(max_nodes=60, lam=30).fit(X), threading.Event(), []

    def read():
        while not stop.is_set():
            try:
                clusters, graph, labels = fitted.n_clusters_, fitted.graph_, fitted.predict(X[:50])
                if graph.clusters is not None and len(graph.clusters) != graph.n_nodes:
                    wrong.append("clusters of another graph")
                if clusters < 1 or labels.min() < 0:
                    wrong.append("no clusters")
                pickle.dumps(fitted)
            except Exception as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(30):
        fitted.partial_fit(X[:200])
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong


# ---- the rows of a stream -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 7, 64, 200])
def test_recent_rows_are_the_last(most):
    rows, recent = np.arange(900, dtype=np.float32).reshape(-1, 1), RecentRows(1, most)
    rng, upto = np.random.default_rng(most), 0
    while upto < len(rows):
        n = int(rng.integers(0, 4 if rng.random() < 0.8 else 300))
        recent.add(rows[upto : upto + n])
        upto = min(len(rows), upto + n)
        assert np.array_equal(recent.in_order(), rows[max(0, upto - most) : upto])
        assert np.array_equal(recent.copy(5).in_order(), rows[max(0, upto - min(5, most)) : upto])


@pytest.mark.parametrize("n, size", [(1, 1), (10, 10), (10, 400), (1000, 64), (12_345, 800)])
def test_spread_rows_are_from_everywhere(n, size):
    rows = spread_rows(n, size)
    assert len(set(rows.tolist())) == len(rows) == min(n, size) and 0 <= rows.min() and rows.max() < n
    if len(rows) >= 64:
        for part in np.split(rows, 4):
            assert np.histogram(part, 8, (0, n))[0].max() < 2 * len(part) / 8 + 2


def test_spread_rows_follow_weights():
    weights = np.where(np.arange(1000) < 500, 3.0, 1.0)
    rows = spread_rows(1000, 200, weights)
    assert (rows < 500).sum() == 150 and set(spread_rows(3, 9, np.array([0.0, 1, 2])).tolist()) == {1, 2}
