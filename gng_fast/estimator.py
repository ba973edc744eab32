"""GrowingNeuralGas: the network with scikit-learn's manners."""

import secrets
from collections.abc import Callable

import numpy as np

from gng_fast._core import Network
from gng_fast._signals import Signals
from gng_fast.graph import Graph
from gng_fast.parameters import DEFAULTS, as_points, as_weights, check

# `transform` works on so many distances at a time: what they take stays in the processor's cache.
_DISTANCES_AT_ONCE = 65536


class GrowingNeuralGas:
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
    random_state : None, int in [0, 2^64), numpy Generator or RandomState, default None
        Seed. The same seed gives the same graph on every machine; None takes a new one each time.
    n_jobs : None or int, -1 or in [1, 1024], default None
        Threads of `nearest` and what is built on it; None is 1, -1 one for each core. No result depends on it. Training
        goes signal by signal, in one thread.

    Attributes
    ----------
    graph_ : Graph
        The nodes, in order of birth, with edges, ages and errors; a copy of the network's state.
    history_ : ndarray of float64, shape (epochs,)
        Mean distance between signals and their winners, before the move, for each epoch; the last may be a part of one.
    network_ : Network
        The compiled network.
    n_features_in_ : int
        Columns of the data.

    Examples
    --------
    >>> import numpy as np
    >>> from gng_fast import GrowingNeuralGas
    >>> X = np.random.default_rng(0).random((1000, 2), dtype=np.float32)
    >>> GrowingNeuralGas(max_nodes=50, n_epochs=10, random_state=0).fit(X).graph_.n_nodes
    50
    """

    def __init__(self, max_nodes=DEFAULTS["max_nodes"], *, eps_b=DEFAULTS["eps_b"], eps_n=DEFAULTS["eps_n"],
                 max_age=DEFAULTS["max_age"], lam=DEFAULTS["lam"], alpha=DEFAULTS["alpha"], decay=DEFAULTS["decay"],
                 n_epochs=10, variant=DEFAULTS["variant"], sampling="epochs", init=None, fixed_init=False,
                 n_start_nodes=2, jitter=0.0, eps_b_end=None, eps_n_end=None, utility=DEFAULTS["utility"], min_distance=DEFAULTS["min_distance"],
                 random_state=None, n_jobs=None):
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
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X, y=None, *, sample_weight=None, callback: Callable | None = None, callback_every: int | None = None):
        """Start anew and train `n_epochs` passes over the data.

        Parameters
        ----------
        X : array of shape (n, d)
            Input signals, at least two of them different. float32 C-contiguous data is not copied.
        y : ignored
        sample_weight : array of shape (n,), optional
            Each signal is drawn, with replacement, with a probability proportional to its row's weight: finite, >= 0, not
            all 0. An epoch is then n draws. Not with sampling="order".
        callback : callable(done, total, model), optional
            Called after every `callback_every` signals and at the end with the number of signals presented, the number
            there will be, and this model, whose `graph_` is up to date. Training stops early if it returns True.
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
        n_epochs = check("n_epochs", self.n_epochs)
        if sample_weight is not None:
            X = as_points(X)
            sample_weight = as_weights(sample_weight, len(X), "sample_weight")
        signals = Signals(X, self.sampling, weights=sample_weight, jitter=self.jitter)
        n = len(signals)
        total = max(1, round(n_epochs * n))
        every = n if callback_every is None else check("callback_every", callback_every)
        self._start(signals, total)
        done = 0
        history = []
        try:
            while done < total:
                upto = min(total, done - done % n + n, done - done % every + every)
                self.network_.train(signals, upto - done)
                done = upto
                if done % n == 0:
                    history.append(self.network_.take_mean_distance())
                if callback and (done % every == 0 or done == total) and callback(done, total, self):
                    break
        finally:
            if done % n or not history:
                history.append(self.network_.take_mean_distance())
            self.history_ = np.array(history)
        return self

    def partial_fit(self, X, y=None):
        """Train on the rows of X once, in the given order, continuing from where the model is.

        The first call takes the start nodes from its X: the first two rows that differ (or `init`).

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored

        Returns
        -------
        GrowingNeuralGas
            This model, with one more entry in `history_`.

        Raises
        ------
        ValueError, TypeError
            As `fit`.
        """
        signals = Signals(X, "order", jitter=self.jitter)
        if not hasattr(self, "network_"):
            self._start(signals)
            self.history_ = np.empty(0)
        self.network_.train(signals, len(signals))
        self.history_ = np.append(self.history_, self.network_.take_mean_distance())
        return self

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
        network = self._fitted_network("reconnect")
        signals = Signals(X, self.sampling, weights=sample_weight, jitter=self.jitter)
        n_signals = max(1, round(check("n_epochs", n_epochs) * len(signals)))
        network.clear_edges()
        network.connect_signals(signals, n_signals)
        return self

    def _start(self, signals: Signals, n_signals: int | None = None) -> None:
        """Make the network with its start nodes, to be annealed over `n_signals` if that is known.

        The model is unchanged if that fails.
        """
        n_features = signals.X.shape[1]
        parameters = {name: getattr(self, name) for name in DEFAULTS}
        network = Network(n_features, seed=_seed(self.random_state), **parameters)
        if self.init is None:
            network.draw_start_nodes(signals, self.n_start_nodes)
        elif isinstance(self.init, Graph):
            network.start(self.init.nodes, self.init.edges, fixed=self.fixed_init, permanent=self.fixed_init)
        else:
            network.start(self.init, fixed=self.fixed_init)
        ends = check("eps_b_end", self.eps_b_end), check("eps_n_end", self.eps_n_end)
        if n_signals is not None and ends != (None, None):
            network.anneal(*ends, n_signals)
        self.network_ = network
        self.n_features_in_ = n_features
        self._graph = None

    @property
    def graph_(self) -> Graph:
        """The graph as it is now."""
        network = self._fitted_network("graph_")
        if self._graph is None or self._graph_changes != network.n_changes:
            self._graph, self._graph_changes = network.graph(), network.n_changes
        return self._graph

    def _fitted_network(self, wanted: str) -> Network:
        if not hasattr(self, "network_"):
            raise AttributeError(f"{wanted}: this GrowingNeuralGas is not fitted yet, call fit or partial_fit first")
        return self.network_

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
        return self.graph_.components[self._look_up(X, "predict")[0]]

    def transform(self, X) -> np.ndarray:
        """Return the Euclidean distances of each row to all nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float32, shape (n, n_nodes)
            The smallest of a row is that of `nearest` up to rounding.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        d = self._fitted_network("transform").n_features
        X, nodes = as_points(X, n_features=d), self.graph_.nodes
        distances = np.zeros((len(X), len(nodes)), np.float32)
        step = max(1, _DISTANCES_AT_ONCE // len(nodes))
        for start in range(0, len(X), step):
            rows, squared = X[start:start + step], distances[start:start + step]
            for k in range(d):
                difference = np.subtract.outer(rows[:, k], nodes[:, k])
                squared += np.square(difference, out=difference)
            np.sqrt(squared, out=squared)
        return distances

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
        return network.nearest(X, n_jobs=1 if self.n_jobs is None else self.n_jobs)


def _seed(random_state) -> int:
    """Return the 64-bit seed that `random_state` stands for."""
    if random_state is None:
        return secrets.randbits(64)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**64, dtype=np.uint64))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**64, dtype=np.uint64))
    return check("random_state", random_state)
