"""GrowingNeuralGas: the network with scikit-learn's manners."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gng_fast.checks import as_table, check_values, check_weights
from gng_fast.core import saved_network as saved
from gng_fast.core.network import Network, restored
from gng_fast.core.signals import Signals
from gng_fast.files import PathOrFile, reading
from gng_fast.graph import Graph
from gng_fast.model.coordinates import Frame
from gng_fast.model.row_weights import CARRY, HALF, expanded, repeats
from gng_fast.model.saved_model import (
    MODEL,
    checked_history,
    checked_labels,
    checked_names,
    pack_frame,
    pack_parameters,
    unpack_frame,
    unpack_parameters,
)
from gng_fast.model.sklearn_protocol import Manners, not_fitted
from gng_fast.parameters import DEFAULTS, check, check_switch, network_parameters

# `transform` works on so many distances at a time: what they take stays in the processor's cache.
_DISTANCES_AT_ONCE = 65536


class GrowingNeuralGas(Manners):
    """Growing Neural Gas: a graph that grows into the shape of data.

    B. Fritzke, "A Growing Neural Gas Network Learns Topologies", Advances in Neural Information Processing Systems 7,
    1995. The letters in brackets are the paper's.

    Parameters
    ----------
    max_nodes : int in [2, 2^30], default 1000
        Growth stops here; memory for so many nodes is taken at the start.
    eps_b, eps_n : float in (0, 1] and [0, 1], defaults 0.2 and 0.006
        Share of the way to the signal that the winner and its neighbours move (eps_b, eps_n).
    max_age : int >= 1, default 50
        An edge older than this goes (a_max).
    lam : int >= 1, default 100
        A node is inserted every `lam` signals (lambda).
    alpha : float in [0, 1], default 0.5
        Factor of the errors of q and f when a node is inserted between them (alpha).
    decay : float in [1e-6, 1], default 0.995
        Factor of every error after every signal (d).
    n_epochs : float > 0, default 10
        Passes over the data in `fit`; 0.5 presents half as many signals as there are rows.
    variant : "fritzke" or "neupy", default "fritzke"
        The paper's conventions, or those of NeuPy 0.8.2 (see docs/differences.md).
    sampling : "epochs", "replacement" or "order", default "epochs"
        Every row once per epoch in a new random order; rows drawn at random; rows from first to last, over and over.
    init : None, array of shape (k, d) or Graph, default None
        Start nodes, or start nodes with edges, whose ages start at 0. None draws `n_start_nodes` rows of the data.
    fixed_init : bool, default False
        The nodes of `init` never move and never go, and the edges of `init` never age (see `Network.start`).
    n_start_nodes : int >= 2, default 2
        Number of start nodes drawn when `init` is None.
    jitter : float >= 0, default 0
        Every coordinate of every signal is moved by an independent uniform offset in [-jitter, jitter].
    eps_b_end, eps_n_end : None, float in (0, 1] and [0, 1], default None
        In `fit`, eps_b and eps_n go geometrically (linearly if an end is 0) from their values to these; None keeps them.
        They stay there in calls of `partial_fit` that follow; a model made by `partial_fit` alone keeps eps_b and eps_n.
    utility : None or float > 1, default None
        GNG-U (B. Fritzke, ICANN 1997), for data that wanders off: every `lam` signals the node of smallest utility goes if
        the largest error is more than `utility` times that (k). Only with variant="fritzke".
    min_distance : float >= 0, default 0
        A signal nearer to its winner than this is skipped altogether (NeuPy's min_distance_for_update, with NeuPy's
        quirk under variant="neupy": the distance is compared with the square of it).
    refine : bool, default False
        `fit` ends by refining the network: nodes that do little go where the error is large, all go to the middle of what
        they win (K-means), and the edges are drawn anew (see gng_fast/refinement.py). The mean distance sinks, by 0 to
        30 %, the more the density of the data varies, for the time of 1 to 4 epochs. Errors and ages start anew.
    random_state : None, int in [0, 2^64), numpy Generator or RandomState, default None
        Seed. The same seed gives the same graph on every machine; None takes a new one each time.
    n_jobs : None or int, -1 or in [1, 1024], default None
        Threads of `nearest` and what is built on it; None is 1, -1 one for each core. No result depends on it. Training
        goes signal by signal, in one thread.

    Attributes
    ----------
    graph_ : Graph
        The nodes, in order of birth, with edges, ages and errors; a copy of the network's state, in the units of the data.
    labels_ : ndarray of int64, shape (n,)
        After `fit`, the cluster of each row of its data: `predict` of it, worked out when first asked for. Until then the
        model keeps the data.
    history_ : ndarray of float64, shape (epochs,)
        Mean distance between signals and their winners, before the move, for each epoch; the last may be a part of one.
    network_ : Network
        The compiled network. For data far from the origin its coordinates are not those of the data (see Notes).
    n_features_in_ : int
        Columns of the data.
    feature_names_in_ : ndarray of str objects, shape (d,)
        Names of the columns, if the model was fitted on a data frame whose columns have names.

    Notes
    -----
    The network is float32. float32 data is taken as it is. Other data whose first 1024 rows lie further from the origin
    than 8 times their extent is moved there (its first row becomes the origin), and data of an extent below 1e-6 or above
    1e12 is scaled by a power of 4, so that nothing is lost to rounding. All results come back in the units of the data;
    the nodes of `graph_` are then float64. What is given in these units (`init`, `min_distance`, `jitter`) is converted.

    scikit-learn's tools take a model as one of their own: `clone`, Pipeline, GridSearchCV, `set_output`, joblib. A model
    that was pickled, copied, or saved and loaded goes on training as if nothing had happened, bit for bit.

    Examples
    --------
    >>> import numpy as np
    >>> from gng_fast import GrowingNeuralGas
    >>> X = np.random.default_rng(0).random((1000, 2), dtype=np.float32)
    >>> model = GrowingNeuralGas(max_nodes=50, n_epochs=10, random_state=0).fit(X)
    >>> model.graph_.n_nodes
    50
    >>> model.transform(X).shape, model.labels_.shape
    ((1000, 50), (1000,))
    """

    def __init__(
        self,
        max_nodes=DEFAULTS["max_nodes"],
        *,
        eps_b=DEFAULTS["eps_b"],
        eps_n=DEFAULTS["eps_n"],
        max_age=DEFAULTS["max_age"],
        lam=DEFAULTS["lam"],
        alpha=DEFAULTS["alpha"],
        decay=DEFAULTS["decay"],
        n_epochs=10,
        variant=DEFAULTS["variant"],
        sampling="epochs",
        init=None,
        fixed_init=False,
        n_start_nodes=2,
        jitter=0.0,
        eps_b_end=None,
        eps_n_end=None,
        utility=DEFAULTS["utility"],
        min_distance=DEFAULTS["min_distance"],
        refine=False,
        random_state=None,
        n_jobs=None,
    ):
        self.max_nodes = max_nodes
        self.eps_b = eps_b
        self.eps_n = eps_n
        self.max_age = max_age
        self.lam = lam
        self.alpha = alpha
        self.decay = decay
        self.n_epochs = n_epochs
        self.variant = variant
        self.sampling = sampling
        self.init = init
        self.fixed_init = fixed_init
        self.n_start_nodes = n_start_nodes
        self.jitter = jitter
        self.eps_b_end = eps_b_end
        self.eps_n_end = eps_n_end
        self.utility = utility
        self.min_distance = min_distance
        self.refine = refine
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self, X, y=None, *, sample_weight=None, callback: Callable | None = None, callback_every: int | None = None
    ):
        """Start anew and train `n_epochs` passes over the data.

        Parameters
        ----------
        X : array of shape (n, d)
            Input signals, at least two of them different. float32 C-contiguous data is not copied, memory-mapped or not;
            other memory-mapped data of 64 MB in float32 or more is converted into a temporary file.
        y : ignored
        sample_weight : array of shape (n,), optional
            Each signal is drawn, with replacement, with a probability proportional to its row's weight: finite, >= 0, not
            all 0. A row of weight k is drawn as often as k rows of weight 1, one of weight 0 never. An epoch is then n
            draws. Not with sampling="order".
        callback : callable(done, total, model), optional
            Called after every `callback_every` signals and at the end with the number of signals presented, the number
            there will be, and this model, whose `graph_` is up to date. Training stops early, and nothing is refined, if it
            returns True.
        callback_every : int >= 1, optional
            Signals between two calls; by default one epoch.

        Returns
        -------
        GrowingNeuralGas
            This model. When Ctrl-C (or the callback's exception) ends training, the model is as after the last signal.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the data is not as described above; the message says what was allowed and what was given.
        """
        n_epochs, refine = check("n_epochs", self.n_epochs), check_switch("refine", self.refine)
        if hasattr(X, "__next__"):
            raise TypeError(
                "fit passes over X several times and needs an array: give an iterator of arrays to partial_fit"
            )
        table = as_table(X)
        if sample_weight is not None and not check_weights(sample_weight, len(table)).any():
            raise ValueError("sample_weight must not all be zero")
        frame = Frame.of(table)
        signals = self._signals(frame.points(table), frame, self.sampling, weights=sample_weight)
        n = len(signals)
        total = _n_signals(n_epochs, n)
        every = n if callback_every is None else check("callback_every", callback_every)
        self._start(X, signals, frame, total)
        done = 0
        try:
            while done < total:
                upto = min(total, done - done % n + n, done - done % every + every)
                self.network_.train(signals, upto - done)
                done = upto
                if done % n == 0:
                    self._note_distance()
                if callback and (done % every == 0 or done == total) and callback(done, total, self):
                    break
            else:
                if refine:
                    self._refine(signals)
        finally:
            self._note_distance(filter((0.0).__le__, self._distance_now()))  # NaN if there is no part of an epoch
            self._cache["unlabelled"] = X
        return self

    def partial_fit(self, X, y=None, *, sample_weight=None):
        """Train on the rows of X once, in the given order, continuing from where the model is.

        The first call takes the start nodes from its X: the first two rows that differ (or `init`). Data in chunks gives
        the same model, bit for bit, as the same rows in one piece, or `fit` with sampling="order" and n_epochs=1.

        Parameters
        ----------
        X : array of shape (n, d), or an iterator of such arrays
            An array may be memory-mapped and larger than memory. Of an iterator, each array is trained on as it comes.
        y : ignored
        sample_weight : array of shape (n,), optional
            A row of weight k is presented k times in a row, one of weight 0 not at all. Fractions add up from row to row,
            also over calls: of rows of weight 0.5 every other one is presented. Not with an iterator.

        Returns
        -------
        GrowingNeuralGas
            This model, with one more entry in `history_` for each array, NaN if nothing was presented.

        Raises
        ------
        ValueError, TypeError
            As `fit`. Of an iterator, the arrays before the one that is refused have been trained on.

        Examples
        --------
        >>> import numpy as np
        >>> from gng_fast import GrowingNeuralGas
        >>> X = np.random.default_rng(0).random((1000, 2))
        >>> whole = GrowingNeuralGas(50, random_state=0).partial_fit(X)
        >>> chunks = GrowingNeuralGas(50, random_state=0).partial_fit(X[i:i + 100] for i in range(0, 1000, 100))
        >>> chunks.graph_ == whole.graph_
        True
        """
        if hasattr(X, "__next__"):
            if sample_weight is not None:
                raise ValueError(
                    "sample_weight cannot be used with an iterator: call partial_fit for each of its arrays"
                )
            for chunk in X:
                self.partial_fit(chunk)
            return self
        first = "network_" not in self.__dict__
        table = as_table(X) if first else self._checked(X)
        frame = Frame.of(table) if first else self._frame
        points, counts = frame.points(table), None
        if sample_weight is not None:
            weights = check_weights(sample_weight, len(points))
            counts, carry = repeats(weights, HALF if first else self._carry)
        if first:
            start = points if counts is None else self._repeated_start(points, counts)
            self._start(X, self._signals(start, frame, "order"), frame)
        self._cache.pop("unlabelled", None)
        self._cache.pop("labels", None)
        try:
            if counts is None:
                self.network_.train(self._signals_in_order(points), len(points))
            else:
                self._carry = carry
                for part in expanded(points, counts):
                    self.network_.train(self._signals_in_order(part), len(part))
        finally:
            self._note_distance()
        return self

    def _distance_now(self) -> Iterator[float]:
        return map(Network.take_mean_distance, (self.network_,))

    def _note_distance(self, distance: Iterator[float] | None = None) -> None:
        # taken and kept in one call of C: Ctrl-C in between would lose it
        self._history.extend(self._distance_now() if distance is None else distance)

    def reconnect(self, X, *, sample_weight=None, n_epochs=1):
        """Replace the edges by those of competitive Hebbian learning with frozen nodes (T. Martinetz, ICANN 1993).

        The two nodes nearest to each signal are joined, so that no edge of the way there is left; permanent edges stay.

        Parameters
        ----------
        X, sample_weight : as in `fit`
        n_epochs : float > 0, default 1
            Passes over the data.

        Returns
        -------
        GrowingNeuralGas
            This model.

        Raises
        ------
        AttributeError, ValueError, TypeError
            If the model is not fitted; otherwise as `fit`.
        """
        points, network = self._frame.points(self._checked(X)), self.network_
        signals = self._signals(points, self._frame, self.sampling, weights=sample_weight)
        n_signals = _n_signals(check("n_epochs", n_epochs), len(signals))
        network.clear_edges()
        network.connect_signals(signals, n_signals)
        return self

    def _refine(self, signals: Signals) -> None:
        from gng_fast.model import refinement

        self._go_on_with(refinement.refined_on(self.network_, signals.X, signals.weights, self._n_jobs))

    def _go_on_with(self, network: Network) -> None:
        """Take another network for the same data; clusters found with the old one are forgotten."""
        self.network_, self._cache = network, {}

    @property
    def _n_jobs(self):
        return 1 if self.n_jobs is None else self.n_jobs

    def _signals(self, points: np.ndarray, frame: Frame, sampling: str, weights=None) -> Signals:
        jitter = self.jitter if frame.scale == 1 else check("jitter", self.jitter) * frame.scale
        return Signals(points, sampling, weights=weights, jitter=jitter)

    def _signals_in_order(self, points: np.ndarray) -> Signals:
        """The signals of these points; those of one are used again and again: making them takes longer than training."""
        if len(points) > 1:
            return self._signals(points, self._frame, "order")
        kept = self._cache.get("single")
        if kept is None or kept[0] is not self.jitter:
            kept = self._cache["single"] = self.jitter, self._signals(points.copy(), self._frame, "order")
        check_values(points)
        kept[1].X[0] = points[0]
        return kept[1]

    def _repeated_start(self, points: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """The points to take start nodes from, where rows are repeated: no more repetitions than can matter."""
        if not counts.any():
            raise ValueError("sample_weight must not all be zero at the first call")
        return np.repeat(points, np.minimum(counts, check("n_start_nodes", self.n_start_nodes)), axis=0)

    def _start(self, X, signals: Signals, frame: Frame, n_signals: int | None = None) -> None:
        """Make the network with its start nodes, to be annealed over `n_signals` if that is known.

        The model is unchanged if that fails.
        """
        parameters = network_parameters({name: getattr(self, name) for name in DEFAULTS})
        network = Network(signals.X.shape[1], seed=_seed(self.random_state), **frame.parameters(parameters))
        if self.init is not None:
            fixed = self.fixed_init
            network.start(*frame.start_nodes(self.init), fixed=fixed, permanent=fixed)
        elif len(signals) == 1:
            raise ValueError("X must have at least 2 distinct points, got 1 (in 1 rows): one sample is not enough")
        else:
            network.draw_start_nodes(signals, self.n_start_nodes)
        ends = check("eps_b_end", self.eps_b_end), check("eps_n_end", self.eps_n_end)
        if n_signals is not None and ends != (None, None):
            network.anneal(*ends, n_signals)
        self._name_columns(X)
        self.network_, self._frame = network, frame
        self.n_features_in_ = network.n_features
        self._history, self._carry, self._cache = [], HALF, {}

    @property
    def graph_(self) -> Graph:
        """The graph as it is now."""
        network, cache = self._fitted_network("graph_"), self._cache
        # asked for before the copy is made: another thread may train meanwhile
        n_changes = network.n_changes
        made_at, graph = cache.get("graph", (None, None))
        if made_at != n_changes:
            graph = self._frame.graph(network.graph(), network.parameters["variant"])
            cache["graph"] = n_changes, graph
        return graph

    @property
    def history_(self) -> np.ndarray:
        """Mean distances to the winner, per epoch of `fit` or array of `partial_fit`."""
        self._fitted_network("history_")
        return self._frame.lengths(np.array(self._history, dtype=np.float64))

    @property
    def labels_(self) -> np.ndarray:
        """Clusters of the data of `fit`."""
        self._fitted_network("labels_")
        cache = self._cache
        # no key is looked at twice: several threads may ask at the same time
        unlabelled, labels = cache.get("unlabelled"), cache.get("labels")
        if unlabelled is not None:
            cache["labels"] = labels = self.predict(unlabelled)
            cache.pop("unlabelled", None)
        if labels is None:
            raise AttributeError("labels_: there are none during fit and after partial_fit, call predict")
        return labels

    def _fitted_network(self, wanted: str) -> Network:
        if "network_" not in self.__dict__:
            raise not_fitted(f"{wanted}: this {type(self).__name__} is not fitted yet, call fit or partial_fit first")
        return self.network_

    # ---- saved state --------------------------------------------------------------------------------------------------

    def save(self, path: PathOrFile) -> None:
        """Write the fitted model to a file, from which `load` gets one that goes on as this one would, bit for bit.

        The file is an npz archive that needs no pickle (see docs/reproducibility.md). It is replaced whole or stays as it
        was. It holds `labels_`, but not the data; what `set_output` and the metadata requests of scikit-learn said is not
        in it.

        Parameters
        ----------
        path : str, path-like or binary file
            An open file is written to where it is, and stays open.

        Raises
        ------
        AttributeError
            If the model is not fitted.
        OSError
            If the file cannot be written.
        ValueError, TypeError
            If `random_state` is a numpy generator, or a parameter nothing that the constructor takes.
        """
        network = self._fitted_network("save")
        parameters, init = pack_parameters(self.get_params())
        scale, offset = pack_frame(self._frame)
        numbers, arrays = network.as_arrays()
        names, labels = getattr(self, "feature_names_in_", None), getattr(self, "labels_", None)
        about = {
            "network": numbers,
            "parameters": parameters,
            "scale": scale,
            "carry": self._carry,
            "feature_names": None if names is None else names.tolist(),
        }
        arrays |= init | offset | {"history": np.array(self._history, dtype=np.float64)}
        saved.write(path, MODEL, about, arrays if labels is None else {**arrays, "labels": labels})

    @classmethod
    def load(cls, path: PathOrFile, *, max_bytes: int | None = None):
        """Return the model that `save` wrote to a file. No code in the file is ever run.

        Parameters
        ----------
        path : str, path-like or binary file
            A path must lead to a regular file; an open file must be able to seek, and stays open.
        max_bytes : int, optional
            Memory that the network may take; by default 256 MB more than the arrays in the file. A network with a large
            max_nodes takes more than that, and the message says how much.

        Returns
        -------
        GrowingNeuralGas

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is damaged, of a later version of gng_fast, or something else, or the network takes too much memory.
        """
        max_bytes = check("max_bytes", max_bytes)
        with reading(path) as file:
            about, arrays = saved.read(file, MODEL)
            return cls._restored(about, arrays, saved.most_bytes(max_bytes, arrays))

    @classmethod
    def _restored(cls, about: Any, arrays: dict[str, np.ndarray], max_bytes: float):
        """The model of a file's content, checked."""
        saved.check_names("the model", about, {"network", "parameters", "scale", "carry", "feature_names"})
        model = cls(**unpack_parameters(about["parameters"], arrays, set(cls._defaults())))
        network = restored(Network, about["network"], arrays, max_bytes)
        d = network.n_features
        model._frame = unpack_frame(about["scale"], arrays, d)
        model._history, model._carry = checked_history(arrays), CARRY.check("carry", about["carry"])
        model._cache = checked_labels(arrays, network.n_nodes)
        names = checked_names(about["feature_names"], d)
        if names is not None:
            model.feature_names_in_ = names
        model.network_, model.n_features_in_ = network, d
        return model

    def __getstate__(self) -> dict:
        state = self.__dict__.copy()
        if "network_" in state:  # its data, of which labels are wanted, stays behind
            labels = getattr(self, "labels_", None)
            state["_cache"] = {} if labels is None else {"labels": labels}
        return state

    # ---- look-ups -----------------------------------------------------------------------------------------------------

    def nearest(self, X) -> np.ndarray:
        """Return the nearest node of each row: vector quantization.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of int64, shape (n,)
            Rows of `graph_.nodes`; of equally near ones the first.

        Raises
        ------
        AttributeError
            If the model is not fitted.
        ValueError, TypeError
            If X or `n_jobs` is not as described; the message says what was allowed and what was given.
        """
        return self._look_up(X, "nearest")[0]

    def predict(self, X) -> np.ndarray:
        """Return the cluster of each row: the connected component (`graph_.components`) of its nearest node.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of int64, shape (n,)

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        nodes = self._look_up(X, "predict")[0]
        return self.graph_.components[nodes]

    def transform(self, X) -> np.ndarray:
        """Return the Euclidean distances of each row to all nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
            The smallest of a row is that of `nearest` up to rounding.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        self._fitted_network("transform")
        points, nodes = self._frame.points(self._checked(X)), self.network_.graph().nodes
        check_values(points)
        distances = np.zeros((len(points), len(nodes)), np.float32)
        step = max(1, _DISTANCES_AT_ONCE // len(nodes))
        for start in range(0, len(points), step):
            rows, squared = points[start : start + step], distances[start : start + step]
            for k in range(self.n_features_in_):
                difference = np.subtract.outer(rows[:, k], nodes[:, k])
                squared += np.square(difference, out=difference)
            np.sqrt(squared, out=squared)
        return self._in_container(self._frame.lengths(distances), X)

    def quantization_error(self, X) -> float:
        """Return the mean distance of the rows to their nearest nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        float
            Mean in float64.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        return float(self._look_up(X, "quantization_error")[1].mean(dtype=np.float64))

    def score(self, X, y=None) -> float:
        """Return minus the mean squared distance of the rows to their nearest nodes: the greater, the better.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored

        Returns
        -------
        float
            Mean in float64.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        return -float(np.square(self._look_up(X, "score")[1], dtype=np.float64).mean())

    def _look_up(self, X, wanted: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the nearest nodes and their distances, for the method `wanted`."""
        network = self._fitted_network(wanted)
        points = self._frame.points(self._checked(X))
        nodes, distances = network.nearest(points, n_jobs=self._n_jobs)
        return nodes, self._frame.lengths(distances)

    def _checked(self, X) -> np.ndarray:
        """X as a table with the columns that the model was fitted on."""
        table = as_table(X)
        self._check_columns(X, table.shape[1])
        return table


def _n_signals(n_epochs: float, n: int) -> int:
    """Return how many signals are so many passes over n rows: at least one, at most what can be counted."""
    return max(1, round(min(n_epochs * n, 2.0**62)))


def _seed(random_state) -> int:
    """Return the 64-bit seed that `random_state` stands for."""
    if random_state is None:
        return secrets.randbits(64)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**64, dtype=np.uint64))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**64, dtype=np.uint64))
    return check("random_state", random_state)
