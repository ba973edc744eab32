"""GrowingNeuralGas: the network as an estimator of scikit-learn's kind.

`fit` reads from top to bottom: the data becomes points in the network's coordinates, the points become signals, a
network is made and trained on them, and it may be refined. What all this leaves behind is one `TrainingState`.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_table, check_weights
from gng_fast.files import PathOrFile, Readable
from gng_fast.graph import Graph
from gng_fast.model.clustered import as_row_weights
from gng_fast.model.constructor import (
    Clusters,
    End,
    RandomState,
    Sampling,
    Variant,
    by_name,
    check_parameters,
    parameters_of,
)
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.data import Data, array_of, gives_arrays, has_no_rows
from gng_fast.model.defaults import annealing_for, counted_rows, nodes_for
from gng_fast.model.growth import warn_of_growth
from gng_fast.model.refinement import refined_on
from gng_fast.model.row_weights import CARRY_AT_START, presentations
from gng_fast.model.saved_model import read_model, write_model
from gng_fast.model.training import Trainable, count_signals
from gng_fast.parameters import DEFAULTS, check
from gng_fast.progress import report


class GrowingNeuralGas(Trainable):
    """Growing Neural Gas: a graph that grows into the shape of data.

    B. Fritzke, "A Growing Neural Gas Network Learns Topologies", Advances in Neural Information Processing Systems 7,
    1995. The letters in brackets are the paper's.

    Parameters
    ----------
    max_nodes : None, int in [2, 2^30], default None
        Growth stops here; memory for so many nodes is taken at the start. With None, `fit` takes 6 sqrt(n) nodes for n
        rows, but no more than 2000 and one for every 3 rows; a model made by `partial_fit` alone takes 1000, and one
        that is fitted stays with what it has.
    eps_b, eps_n : float in (0, 1] and [0, 1], defaults 0.2 and 0.006
        The winner and its neighbours move by this share of their way to the signal (eps_b, eps_n).
    max_age : int >= 1, default 50
        An edge older than this is removed (a_max).
    lam : int >= 1, default 100
        A node is inserted every `lam` signals (lambda).
    alpha : float in [0, 1], default 0.5
        The errors of q and f are multiplied by this when a node is inserted between them (alpha).
    decay : float in [1e-6, 1], default 0.995
        Every error is multiplied by this after every signal (d).
    n_epochs : None, float > 0, default None
        Passes over the data in `fit`; 0.5 presents half as many signals as there are rows. None presents 300 signals
        for each of `max_nodes`, or three times as many as growth takes, if that is more.
    variant : "fritzke" or "neupy", default "fritzke"
        The network follows the paper, or NeuPy 0.8.2 (see docs/differences.md).
    sampling : "epochs", "replacement" or "order", default "epochs"
        "epochs" presents every row once per epoch, in a new random order; "replacement" draws every row at random;
        "order" presents the rows from first to last, over and over.
    init : None, array of shape (k, d) or Graph, default None
        Start nodes, or start nodes with edges, whose ages start at 0. None draws `n_start_nodes` rows of the data.
    fixed_init : bool, default False
        The nodes of `init` never move and never go, and the edges of `init` never age (see `Network.start`).
    n_start_nodes : int >= 2, default 2
        Number of start nodes drawn when `init` is None.
    jitter : float >= 0, default 0
        Every coordinate of every signal is moved by an independent uniform offset in [-jitter, jitter].
    eps_b_end, eps_n_end : "auto", None, float in (0, 1] and [0, 1], default "auto"
        In `fit`, eps_b and eps_n go geometrically (linearly if an end is 0) from their values to these; None keeps
        them, as the paper does. "auto" keeps them while the network grows, and for a third of the signals, and then
        takes them to 0.02 and 0.00001, if they are larger (with a number for the other end, from the first signal on;
        with variant="neupy", it keeps them). They stay there in calls of `partial_fit` that follow; a model made by
        `partial_fit` alone keeps eps_b and eps_n.
    utility : None or float > 1, default None
        GNG-U (B. Fritzke, ICANN 1997), for data that wanders off: every `lam` signals the node of smallest utility goes
        if the largest error is more than `utility` times that (k). It needs variant="fritzke".
    min_distance : float >= 0, default 0
        A signal nearer to its winner than this is skipped altogether (NeuPy's min_distance_for_update, with NeuPy's
        quirk under variant="neupy": the distance is compared with the square of it).
    refine : bool, default False
        `fit` ends by refining the network: nodes that do little go where the error is large, all go to the middle of
        what they win (K-means), and the edges are drawn anew (see gng_fast/model/refinement.py). This takes the time of
        1 to 4 epochs, and the mean distance sinks by 0 to 30 %: the more, the more the density of the data varies.
        Errors and ages start anew.
    clusters : "density" or "components", default "density"
        What a cluster is: a hill of the density of the data (see docs/clusters.md), or a connected component of the
        graph, which is one for whatever overlaps.
    n_clusters : None or int >= 1, default None
        There are at most so many hills: the most prominent. None takes all those whose prominence is beyond chance.
    min_cluster_size : None or int >= 1, default None
        Rows that a hill must have, or the sum of their weights; None follows from the number of rows.
    noise : bool, default False
        Whether rows of lower density than the saddle at which their hill meets another belong to no cluster (-1), nor
        those of hills that are too small.
    random_state : None, int in [0, 2^64), numpy Generator or RandomState, default None
        The same seed gives the same graph on every machine; None takes a new seed each time.
    n_jobs : None or int, -1 or in [1, 1024], default None
        Threads of `nearest` and of what is built on it; None is one thread, -1 is one for each core. No result depends
        on it. Training goes signal by signal, in one thread.

    Attributes
    ----------
    graph_ : Graph
        The nodes, in order of birth, with edges, ages and errors; a copy of the network's state, in the units of the
        data.
    labels_ : ndarray of int64, shape (n,)
        The cluster of each row of the data of `fit` as it was then: `predict` of it, also after `reconnect`. After
        `fit` they are numbered from 0 by falling rows. There are none after any further training, nor after a `fit`
        that was interrupted.
    probabilities_ : ndarray of float64, shape (n,)
        How deep each of these rows lies in its cluster: `membership` of it. Only with clusters="density".
    persistence_ : Persistence
        All hills of density and which of them are clusters, as arrays and as a picture (`save`). Only with
        clusters="density".
    n_clusters_ : int
        Number of clusters.
    history_ : ndarray of float64, shape (epochs,)
        Mean distance between signals and their winners, before the move, for each epoch or array of `partial_fit`; the
        last epoch may be a part of one. There are never more than 4096 entries: of more epochs or arrays, as in a
        stream of single rows, 2, 4, 8 ... in a row share the mean of those that are not NaN, the last entry maybe of
        fewer.
    network_ : Network
        The compiled network. For data far from the origin its coordinates are not those of the data (see Notes).
    n_features_in_ : int
        Columns of the data.
    feature_names_in_ : ndarray of str objects, shape (d,)
        Names of the columns, if the model was fitted on a data frame whose columns have names.

    Notes
    -----
    The network is float32. Data whose first 1024 rows (or first array of `partial_fit`) have an extent below 1e-6 or
    above 1e12 is scaled by a power of 4, so that nothing underflows; what follows may be 1e20 times larger, and beyond
    that it is refused. Data of other types than float32 that lies further from the origin than 8 times its extent is
    moved there (its first row becomes the origin). All results come back in the units of the data; the nodes of
    `graph_` are then float64. What is given in these units (`init`, `min_distance`, `jitter`) is converted. Squares of
    lengths below 1e-162 (`errors`, `score`) are 0 in any units.

    With clusters="density" a model keeps some rows to make clusters from when the nodes have moved: in `fit` a sample,
    in `partial_fit` the last that came, at most 8 for each of `max_nodes`. The first `predict` after `partial_fit`
    looks these up; `cluster` does the same, or takes other rows. A cluster keeps its number while it lives. While
    another thread trains, clusters are of the nodes of one moment, and of the rows of about that moment.

    For `labels_` the last thing that `fit` does is to look up all rows, which takes about as long as an epoch, and 1, 2
    or 4 bytes for each row (for up to 256, 65536, or more nodes) as long as the model is not trained further.

    One thread may train a model while others read, copy or pickle it: each attribute and result is of one moment.
    Copies and pickles wait for the epoch or array that is being trained on.

    `fit` warns with `gng_fast.GrowthWarning` if more than a twentieth of `max_nodes` has not grown, or if there are
    more nodes than rows. It does not where `max_nodes` is None, the callback ended it, `utility` removes nodes, or
    `lam` of 1,000,000 or more switches growth off.

    scikit-learn's tools take a model as one of their own: `clone`, Pipeline, GridSearchCV, `set_output`, joblib. A
    model that was pickled, copied, or saved and loaded goes on training as if nothing had happened, bit for bit.

    Examples
    --------
    >>> import numpy as np
    >>> from gng_fast import GrowingNeuralGas
    >>> X = np.random.default_rng(0).random((1000, 2), dtype=np.float32)
    >>> model = GrowingNeuralGas(random_state=0).fit(X)
    >>> model.graph_.n_nodes
    189
    >>> model.transform(X).shape, model.labels_.shape
    ((1000, 189), (1000,))
    """

    def __init__(
        self,
        max_nodes: int | None = None,
        *,
        eps_b: float = DEFAULTS["eps_b"],
        eps_n: float = DEFAULTS["eps_n"],
        max_age: int = DEFAULTS["max_age"],
        lam: int = DEFAULTS["lam"],
        alpha: float = DEFAULTS["alpha"],
        decay: float = DEFAULTS["decay"],
        n_epochs: float | None = None,
        variant: Variant = DEFAULTS["variant"],
        sampling: Sampling = "epochs",
        init: Graph | Data | None = None,
        fixed_init: bool = False,
        n_start_nodes: int = 2,
        jitter: float = 0.0,
        eps_b_end: End = "auto",
        eps_n_end: End = "auto",
        utility: float | None = DEFAULTS["utility"],
        min_distance: float = DEFAULTS["min_distance"],
        refine: bool = False,
        clusters: Clusters = "density",
        n_clusters: int | None = None,
        min_cluster_size: int | None = None,
        noise: bool = False,
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.max_nodes = max_nodes
        self.eps_b = eps_b
        self.eps_n = eps_n
        self.max_age = max_age
        self.lam = lam
        self.alpha = alpha
        self.decay = decay
        self.n_epochs = n_epochs
        self.variant: Variant = variant
        self.sampling: Sampling = sampling
        self.init = init
        self.fixed_init = fixed_init
        self.n_start_nodes = n_start_nodes
        self.jitter = jitter
        self.eps_b_end = eps_b_end
        self.eps_n_end = eps_n_end
        self.utility = utility
        self.min_distance = min_distance
        self.refine = refine
        self.clusters: Clusters = clusters
        self.n_clusters = n_clusters
        self.min_cluster_size = min_cluster_size
        self.noise = noise
        self.random_state = random_state
        self.n_jobs = n_jobs

    # ---- training ----------------------------------------------------------------------------------------------------

    def fit(
        self,
        X: Data,
        y: object = None,
        *,
        sample_weight: ArrayLike | None = None,
        callback: Callable[[int, int, Self], bool | None] | None = None,
        callback_every: int | None = None,
    ) -> Self:
        """Start anew and train `n_epochs` passes over the data, or as long as it takes to grow and settle.

        Parameters
        ----------
        X : array of shape (n, d)
            Input signals, at least two of them different. float32 C-contiguous data is not copied, memory-mapped or
            not; other memory-mapped data of 64 MB in float32 or more is converted into a temporary file.
        y : ignored
        sample_weight : array of shape (n,), optional
            Each signal is drawn, with replacement, with a probability proportional to its row's weight: finite, >= 0,
            not all 0. A row of weight k is drawn as often as k rows of weight 1, one of weight 0 never. An epoch is
            then n draws. Weights cannot be used with sampling="order".
        callback : callable(done, total, model), optional
            Called after every `callback_every` signals and at the end with the number of signals presented, the number
            there will be, and this model, whose `graph_` is up to date. Training stops early, and nothing is refined,
            if it returns True.
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
        parameters = check_parameters(by_name(parameters_of(self)))
        if gives_arrays(X):
            raise TypeError(
                "fit passes over X several times and needs an array: give an iterator of arrays to partial_fit"
            )
        table = as_table(X)
        weights = None if sample_weight is None else check_weights(sample_weight, len(table))
        if weights is not None and not weights.any():
            raise ValueError("sample_weight must not all be zero")
        if self.max_nodes is None:
            parameters["max_nodes"] = nodes_for(counted_rows(len(table), weights), self._count_start_nodes())
        coordinates = Coordinates.of(table)
        points = coordinates.points(table)
        signals = self._signals(points, coordinates, self.sampling, sample_weight)
        every = len(signals) if callback_every is None else check("callback_every", callback_every)
        state = self._state = self._start(X, signals, coordinates, parameters, keeps_sample=True)
        n_start_nodes = state.network.n_nodes
        total = self._count_all_signals(parameters, n_start_nodes, len(signals))
        annealing = annealing_for(parameters, n_start_nodes, self.eps_b_end, self.eps_n_end, total)
        try:
            went_to_the_end = self._train(state, signals, total, annealing, callback, every)
            if self.refine and went_to_the_end:
                report("refining", 0)
                state.replace_network(refined_on(state.network, signals.X, signals.weights, self._n_threads))
        finally:
            state.note_distance(if_any=True)  # of a part of an epoch
        self._cluster_data(state, points, None if weights is None else as_row_weights(weights, len(points)))
        if went_to_the_end and self.utility is None and self.max_nodes is not None:
            warn_of_growth(
                n_nodes=state.network.n_nodes,
                n_start_nodes=n_start_nodes,
                max_nodes=parameters["max_nodes"],
                lam=parameters["lam"],
                n_rows=len(points),
                n_signals=total,
                stacklevel=2,
            )
        return self

    def fit_predict(self, X: Data, y: object = None, **fit_params: Any) -> NDArray[np.int64]:
        """Fit and return the cluster of each row: `fit(X, **fit_params).labels_`.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored
        **fit_params
            As of `fit`.

        Returns
        -------
        ndarray of int64, shape (n,)
            Numbers of clusters, from 0 by falling rows; -1 for noise.

        Raises
        ------
        ValueError, TypeError
            As `fit`.
        """
        return self.fit(X, y, **fit_params).labels_

    def fit_transform(self, X: Data, y: object = None, **fit_params: Any) -> Any:
        """Fit and return the distances of each row to all nodes: `fit(X, **fit_params).transform(X)`.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored
        **fit_params
            As of `fit`.

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
            As of `transform`.

        Raises
        ------
        ValueError, TypeError
            As `fit`.
        """
        return self.fit(X, y, **fit_params).transform(X)

    def partial_fit(
        self, X: Data | Iterable[Data], y: object = None, *, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Train on the rows of X once, in the given order, continuing from where the model is.

        The first call takes the start nodes from its X: the first two rows that differ (or `init`). Data in chunks
        gives the same model, bit for bit, as the same rows in one piece, or `fit` with sampling="order", n_epochs=1 and
        constant eps_b and eps_n, but only if the first chunk has 1024 rows or leads to the same coordinates as the
        first 1024: whether data is moved and scaled is decided by the first rows that come, once and for all (see the
        Notes of the class). Of float32 data whose first chunk has an extent from 1e-6 to 1e12, as the first 1024 rows
        have, any chunks do.

        What `set_params` has changed since the last call takes effect: `max_nodes` may grow, or shrink to the nodes
        that there are, or stay with None; `variant` cannot change. What belongs to the start (`init`, `fixed_init`,
        `n_start_nodes`, `random_state`) or to `fit` alone is for the next `fit`.

        Parameters
        ----------
        X : array of shape (n, d), or an iterable of such arrays
            An array may be memory-mapped and larger than memory. Of an iterable, such as a generator or a loader of
            batches, each array is trained on as it comes; a batch may be a tuple of one array.
            An array without rows is left out, also as the first; its columns must be those of the model.
        y : ignored
        sample_weight : array of shape (n,), optional
            A row of weight k is presented k times in a row, one of weight 0 not at all. Fractions add up from row to
            row, also over calls: of rows of weight 0.5 every other one is presented. Weights cannot be used with an
            iterator.

        Returns
        -------
        GrowingNeuralGas
            This model, with one more entry in `history_` for each array that has rows, NaN if nothing was presented;
            after 4096 arrays several share one.

        Raises
        ------
        ValueError, TypeError
            As `fit`; or if an iterator gives no row at all, or a parameter was set that cannot change while training
            goes on. The model is then as it was. Of an iterator, the arrays before the one that is refused have been
            trained on.

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
        if gives_arrays(X):
            if sample_weight is not None:
                raise ValueError(
                    "sample_weight cannot be used with an iterator: call partial_fit for each of its arrays"
                )
            return self._fit_chunks(iter(X))
        if has_no_rows(X):
            self._check_empty(X, sample_weight)
            return self
        if self.__sklearn_is_fitted__():
            self._go_on(self._state, X, sample_weight)
            return self
        parameters = check_parameters(by_name(parameters_of(self)))
        table = as_table(X)
        coordinates = Coordinates.of(table)
        points, counts, carry = coordinates.points(table), None, CARRY_AT_START
        if sample_weight is not None:
            counts, carry = presentations(check_weights(sample_weight, len(points)), carry)
        start = points if counts is None else self._repeated_start(points, counts)
        signals = self._signals(start, coordinates, "order")
        parts = self._parts(None, points, counts, coordinates)
        self._state = self._start(X, signals, coordinates, parameters, keeps_sample=False)
        self._train_parts(self._state, parts, carry)
        return self

    def reconnect(self, X: Data, *, sample_weight: ArrayLike | None = None, n_epochs: float = 1) -> Self:
        """Replace the edges by those of competitive Hebbian learning with frozen nodes (T. Martinetz, ICANN 1993).

        The two nodes nearest to each signal are joined. Edges that only the growth of the network left behind are gone
        then; permanent edges stay.

        Parameters
        ----------
        X : array of shape (n, d)
            As in `fit`.
        sample_weight : array of shape (n,), optional
            As in `fit`.
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
        state = self._fitted_state("reconnect")
        points = self._points(state, X)
        signals = self._signals(points, state.coordinates, self.sampling, sample_weight)
        n_signals = count_signals(check("n_epochs", n_epochs), len(signals))
        with state.training:
            winners, clusters = state.known_winners(), state.known_clusters()
            try:
                state.network.clear_edges()
                state.network.connect_signals(signals, n_signals)
            finally:  # no node has moved
                state.keep_winners(winners)
                if clusters is not None:
                    state.keep_clusters(clusters, state.network.n_changes)
        return self

    def _fit_chunks(self, chunks: Iterator[Data]) -> Self:
        """`partial_fit` of one array after another; those without rows are left out, but not all may be."""
        rows_came = False
        for chunk in map(array_of, chunks):
            self.partial_fit(chunk)
            rows_came = rows_came or not has_no_rows(chunk)
        if not rows_came:
            raise ValueError("X must give at least one row, got an iterator that gives none")
        return self

    def _check_empty(self, X: Data, sample_weight: ArrayLike | None) -> None:
        """Raise what is wrong with an array without rows, which is left out: it may have columns, and weights."""
        if sample_weight is not None:
            check_weights(sample_weight, 0)
        shape: tuple[int, ...] = getattr(X, "shape", ())
        if self.__sklearn_is_fitted__() and len(shape) == 2 and shape[1]:
            self._check_columns(self._state, X, shape[1])

    # ---- saved state -------------------------------------------------------------------------------------------------

    def save(self, path: PathOrFile) -> None:
        """Write the fitted model to a file, from which `load` gets one that goes on as this one would, bit for bit.

        The file is an npz archive that needs no pickle (see docs/reproducibility.md). It is replaced whole or stays as
        it was. It holds `labels_`, but not the data. It does not hold what `set_output` and the metadata requests of
        scikit-learn said.

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
        write_model(path, self.get_params(), self._fitted_state("save"))

    @classmethod
    def load(cls, path: Readable, *, max_bytes: int | None = None) -> Self:
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
            A model that goes on as the one that was saved.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is damaged, of a later version of gng_fast, or something else, or the network takes too much memory.
        """
        parameters, state = read_model(path, set(cls._defaults()), check("max_bytes", max_bytes))
        model = cls(**parameters)
        model._state = state
        return model

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()  # at one moment: another thread may fit the model for the first time

    def __copy__(self) -> Self:
        """A model with the same parameters that trains by itself: only what training never changes is shared."""
        attributes = self.__getstate__()
        for name in ("_state", "random_state"):
            if name in attributes:
                attributes[name] = copy.deepcopy(attributes[name])
        model = type(self).__new__(type(self))
        model.__dict__.update(attributes)
        return model
