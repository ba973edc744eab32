"""Growing Neural Gas in plain Python: the oracle for the compiled core and the baseline of its benchmarks.

The steps, names, tie rules and random numbers are those of the core, so that both give equal graphs after every signal.
It is written for reading. Steps are numbered as in Fritzke (1995), section 2.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_flags, as_points, as_weights
from gng_fast.graph import Graph
from gng_fast.parameters import check, network_parameters, skip_distance

__all__ = ["Generator", "ReferenceNetwork", "Signals"]

ERROR_SCALE_LIMIT = 2.0**512
STAGES = 4096
SMALLEST_COORDINATE = 2.0**-60
MAX_REDRAWS = 1000


def rounding_to(dtype: type[np.floating[Any]]) -> Callable[[Any], float]:
    """Return the function that makes numbers of this type, to which every operation on them is then rounded."""
    return float if dtype is np.float64 else cast("Callable[[Any], float]", dtype)


class Generator:
    """SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): 64 random bits from a 64-bit state.

    Parameters
    ----------
    seed : int in [0, 2^64)
        The state to start from.
    """

    def __init__(self, seed: int) -> None:
        self.state: int = check("seed", seed)

    def next_random(self) -> int:
        """Return the next 64 random bits, as an integer.

        Returns
        -------
        int
            In [0, 2^64).
        """
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def below(self, n: int) -> int:
        """Return a random integer without bias (Lemire, ACM TOMACS 29, 2019).

        Parameters
        ----------
        n : int in [1, 2^32]
            Number of possible values.

        Returns
        -------
        int
            In [0, n).
        """
        product = (self.next_random() >> 32) * n
        while product % 2**32 < (2**32 - n) % n:
            product = (self.next_random() >> 32) * n
        return product >> 32


class Signals:
    """Data and the order in which it is presented, as in `gng_fast.Signals`.

    Parameters
    ----------
    X : array of shape (n, d)
        Input signals.
    sampling : "epochs", "replacement" or "order", default "epochs"
        Every row once per epoch in a new random order; rows drawn at random; rows from first to last, over and over.
    weights : array of shape (n,), optional
        Each signal is drawn, with replacement, with a probability proportional to its row's weight.
    jitter : float >= 0, default 0
        Every coordinate of every signal is moved by an independent uniform offset in [-jitter, jitter].
    dtype : np.float32 or np.float64, default np.float32
        The type of the coordinates; that of the network.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    """

    def __init__(
        self,
        X: ArrayLike,
        sampling: Literal["epochs", "replacement", "order"] = "epochs",
        *,
        weights: ArrayLike | None = None,
        jitter: float = 0.0,
        dtype: type[np.floating[Any]] = np.float32,
    ) -> None:
        self.X = as_points(X, dtype=dtype)
        self.sampling = check("sampling", sampling)
        if weights is not None and sampling == "order":
            raise ValueError("weights cannot be used with sampling='order'")
        self.weights = None if weights is None else as_weights(weights, len(self.X))
        if self.weights is not None:
            self.probability, self.alias = alias_table(self.weights.tolist())
        self.number = rounding_to(dtype)
        self.jitter = self.number(check("jitter", jitter))
        self.order = list(range(len(self.X)))
        self.position = 0

    def sample_signal(self, generator: Generator) -> list[float]:
        """Step 1: the next input signal, each coordinate moved at random by up to `jitter`."""
        x = [self.number(value) for value in self.X[self.draw_row(generator)]]
        if self.jitter == 0:
            return x
        # 24 random bits make an exact float32 in [-1, 1)
        return [value + self.jitter * self.number((generator.next_random() >> 40) * 2.0**-23 - 1) for value in x]

    def draw_row(self, generator: Generator) -> int:
        """Return the row of the next signal."""
        n = len(self.X)
        if self.weights is not None:
            return self.draw_weighted_row(generator)
        if self.sampling == "replacement":
            return generator.below(n)
        if self.position == n:
            self.position = 0
        row = self.position
        self.position += 1
        if self.sampling == "epochs":  # shuffle as we go
            other = row + generator.below(n - row)
            self.order[row], self.order[other] = self.order[other], self.order[row]
            row = self.order[row]
        return row

    def draw_weighted_row(self, generator: Generator) -> int:
        """Return a row, each with the probability that its weight gives it."""
        row = generator.below(len(self.X))
        u = (generator.next_random() >> 11) * 2.0**-53
        return row if u < self.probability[row] else self.alias[row]


def alias_table(weights: list[float]) -> tuple[list[float], list[int]]:
    """Return the probability of each row to stand for itself once drawn, and the row it stands for otherwise.

    A. J. Walker, ACM TOMS 3, 1977, in linear time by M. D. Vose, IEEE TSE 17, 1991: every row of less than average
    weight is filled up from one of more. What rounding leaves over falls to the heaviest row, so a weight of 0 stays 0.
    """
    n, total = len(weights), 0.0
    for weight in weights:  # not sum(), which compensates for rounding
        total += weight
    probability = [weight * (n / total) for weight in weights]
    alias = [weights.index(max(weights))] * n
    large = 0
    while large < n and probability[large] < 1:
        large += 1
    for row in range(n):
        small = row
        while small <= row and large < n and probability[small] < 1:
            alias[small] = large
            probability[large] = (probability[large] + probability[small]) - 1
            if probability[large] >= 1:
                break
            small = large  # the donor is now to be filled up itself: at once, or when its turn comes
            while large < n and probability[large] < 1:
                large += 1
    return probability, alias


class Annealing:
    """A run of `n_signals` signals in equal stages, over which eps_b and eps_n go from start to end."""

    def __init__(self, start: tuple[float, float], end: tuple[float, float], n_signals: int) -> None:
        self.start, self.end, self.n_signals = start, end, n_signals
        self.presented = 0

    def next_eps(self) -> tuple[float, float]:
        """Return eps_b and eps_n for the next signal."""
        stage = STAGES if self.presented >= self.n_signals else self.presented * STAGES // self.n_signals
        self.presented += 1
        return annealed(self.start[0], self.end[0], stage), annealed(self.start[1], self.end[1], stage)


def annealed(start: float, end: float, stage: int) -> float:
    """Return start (end / start)^(stage / STAGES); linear where an end is 0.

    The power is a product of repeated square roots, which are rounded alike on every machine, unlike pow().
    """
    if stage == STAGES:
        return end
    if start == 0 or end == 0:
        return start + (end - start) * (stage / STAGES)
    eps, root, bit = start, end / start, STAGES // 2
    while bit:
        root = math.sqrt(root)
        if stage & bit:
            eps *= root
        bit //= 2
    return eps


class Edge:
    """An edge; its two ends share the object. A permanent one never ages and never goes."""

    def __init__(self) -> None:
        self.age = 0
        self.permanent = False


class Node:
    """A node: position, error and utility (scaled, see decay_errors), and its edges by neighbour.

    A fixed node never moves and never goes; it keeps the signal it won last.
    """

    def __init__(self, w: list[float], fixed: bool = False) -> None:
        self.w = w
        self.error = 0.0
        self.utility = 0.0
        self.edges: dict[Node, Edge] = {}
        self.fixed = fixed
        self.last_won = w


class ReferenceNetwork:
    """Growing Neural Gas in plain Python.

    Parameters
    ----------
    n_features : int
        Dimension d of the data.
    seed : int in [0, 2^64), default 0
        Start of the random number generator: the same seed gives the same network as in the core.
    dtype : np.float32 or np.float64, default np.float32
        The type of positions and distances: every operation is rounded to it. The core has np.float32.
    **parameters
        The training parameters, as in `gng_fast.Network`.

    Attributes
    ----------
    nodes : list of Node
        The nodes in order of birth. Of equal distances or errors the oldest node is taken.
    n_signals : int
        Number of signals that counted: those not skipped for `min_distance`.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, of the wrong type or unknown.

    Examples
    --------
    >>> from gng_fast import Network, Signals, reference
    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> slow, slow_signals = reference.ReferenceNetwork(2, max_nodes=4, lam=10), reference.Signals(X)
    >>> fast, fast_signals = Network(2, max_nodes=4, lam=10), Signals(X)
    >>> for network, signals in (slow, slow_signals), (fast, fast_signals):
    ...     network.draw_start_nodes(signals)
    ...     network.train(signals, 100)
    >>> slow.graph() == fast.graph()
    True
    """

    def __init__(
        self, n_features: int, *, seed: int = 0, dtype: type[np.floating[Any]] = np.float32, **parameters: Any
    ) -> None:
        given = network_parameters(parameters)
        self.n_features: int = check("n_features", n_features)
        self.generator = Generator(seed)
        self.dtype = dtype
        self.number = number = rounding_to(dtype)
        self.neupy = given["variant"] == "neupy"
        self.max_nodes, self.lam, self.max_age = given["max_nodes"], given["lam"], given["max_age"]
        self.eps_b, self.eps_n, self.half = number(given["eps_b"]), number(given["eps_n"]), number(0.5)
        self.alpha, self.growth = given["alpha"], 1 / given["decay"]
        self.skip_below = skip_distance(given["min_distance"], given["variant"])
        self.utility = given["utility"]
        self.annealing: Annealing | None = None
        self.nodes: list[Node] = []
        self.error_scale = 1.0
        self.until_insertion = self.lam
        self.n_signals = 0
        self.distances: list[float] = []

    # ---- training ----------------------------------------------------------------------------------------------------

    def train(self, signals: Signals, n_signals: int) -> None:
        """Present `n_signals` signals.

        Parameters
        ----------
        signals : Signals
            The data, and where in its order to go on.
        n_signals : int
            How many signals to take from it.
        """
        for _ in range(n_signals):
            if self.annealing:
                self.eps_b, self.eps_n = (self.number(eps) for eps in self.annealing.next_eps())
            x = signals.sample_signal(self.generator)
            s1, s2, d1, d2 = self.find_two_nearest(x)
            distance = self.number(math.sqrt(d1))
            self.distances.append(float(distance))
            if distance < self.skip_below:
                continue
            if self.neupy:
                self.train_neupy(x, s1, s2, distance)
            else:
                self.train_fritzke(x, s1, s2, d1, d2)
            self.n_signals += 1

    def train_fritzke(self, x: list[float], s1: Node, s2: Node, d1: float, d2: float) -> None:
        """Steps 3 to 9 as in Fritzke (1995)."""
        self.age_edges(s1)
        self.add_error(s1, d1)
        self.add_utility(s1, d1, d2)
        self.move_winner(s1, x)
        self.move_neighbours(s1, x)
        self.connect(s1, s2)
        self.remove_old_edges(s1, self.max_age)
        if self.insertion_due():
            if self.utility:
                self.remove_least_useful()
            self.insert_node(error_factor_of_r=1)
        self.decay_errors()

    def train_neupy(self, x: list[float], s1: Node, s2: Node, distance: float) -> None:
        """Steps 3 to 9 as in NeuPy 0.8.2.

        The error is not squared, edges are checked before they age, s2 moves even if its edge is new, and a new node
        starts without error.
        """
        self.add_error(s1, distance)
        self.move_winner(s1, x)
        self.connect(s1, s2)
        self.remove_old_edges(s1, self.max_age - 1)
        self.age_edges(s1)
        self.move_neighbours(s1, x)
        if self.insertion_due():
            self.insert_node(error_factor_of_r=0)
        self.decay_errors()

    def insertion_due(self) -> bool:
        """Return whether this signal is a lam-th one."""
        self.until_insertion -= 1
        if self.until_insertion > 0:
            return False
        self.until_insertion = self.lam
        return True

    def anneal(self, eps_b_end: float | None, eps_n_end: float | None, n_signals: int) -> None:
        """Let eps_b and eps_n go from where they are to these values while the next `n_signals` signals are trained on.

        Parameters
        ----------
        eps_b_end, eps_n_end : float in (0, 1] and [0, 1], or None
            Values at the end; None keeps what is.
        n_signals : int
            Length of the run; signals skipped for `min_distance` count, those of `connect_signals` do not.
        """
        start = float(self.eps_b), float(self.eps_n)
        eps_b_end, eps_n_end = check("eps_b_end", eps_b_end), check("eps_n_end", eps_n_end)
        end = start[0] if eps_b_end is None else eps_b_end, start[1] if eps_n_end is None else eps_n_end
        self.annealing = Annealing(start, end, n_signals)

    def connect_signals(self, signals: Signals, n_signals: int) -> None:
        """Connect the two nearest nodes of each of `n_signals` signals; nothing else changes.

        Parameters
        ----------
        signals : Signals
            The data, and where in its order to go on.
        n_signals : int
            How many signals to take from it.
        """
        for _ in range(n_signals):
            s1, s2, _, _ = self.find_two_nearest(signals.sample_signal(self.generator))
            self.connect(s1, s2)

    def clear_edges(self) -> None:
        """Remove all edges but the permanent ones. Nodes stay, even without edges."""
        for node in self.nodes:
            node.edges = {neighbour: edge for neighbour, edge in node.edges.items() if edge.permanent}

    # ---- the steps ---------------------------------------------------------------------------------------------------

    def find_two_nearest(self, x: list[float]) -> tuple[Node, Node, float, float]:
        """Step 2: the nearest node s1 and second nearest s2 of signal x, and their squared distances."""
        s1: Node | None = None
        s2: Node | None = None
        d1 = d2 = math.inf
        for node in self.nodes:
            distance = squared_distance(node.w, x)
            if distance < d1:
                s2, d2 = s1, d1
                s1, d1 = node, distance
            elif distance < d2:
                s2, d2 = node, distance
        # a caller sees None only where there are too few nodes, or no finite distance
        return cast("Node", s1), cast("Node", s2), d1, d2

    def age_edges(self, s1: Node) -> None:
        """Step 3: all edges of s1 grow older by one, but for permanent ones."""
        for edge in s1.edges.values():
            if not edge.permanent:
                edge.age += 1

    def add_error(self, s1: Node, amount: float) -> None:
        """Step 4: error[s1] += amount."""
        s1.error += float(amount) * self.error_scale

    def add_utility(self, s1: Node, d1: float, d2: float) -> None:
        """Step 4 of GNG-U: utility[s1] += by how much the error would grow without s1."""
        s1.utility += (float(d2) - float(d1)) * self.error_scale

    def move_towards(self, node: Node, x: list[float], eps: float) -> None:
        """Step 5: w += eps (x - w)."""
        node.w = [w_k + eps * (x_k - w_k) for w_k, x_k in zip(node.w, x)]

    def move_winner(self, s1: Node, x: list[float]) -> None:
        """Step 5: s1 moves by eps_b; a fixed one stays, and keeps x as a place for a new node."""
        if s1.fixed:
            s1.last_won = x
        else:
            self.move_towards(s1, x, self.eps_b)
            s1.w = flushed(s1.w)

    def move_neighbours(self, s1: Node, x: list[float]) -> None:
        """Step 5: the neighbours of s1 move by eps_n, but for fixed ones."""
        for neighbour in s1.edges:
            if not neighbour.fixed:
                self.move_towards(neighbour, x, self.eps_n)

    def connect(self, s1: Node, s2: Node) -> None:
        """Step 6: the edge (s1, s2) gets age 0, and is made if there is none."""
        edge = s1.edges.get(s2)
        if edge:
            edge.age = 0
        else:
            s1.edges[s2] = s2.edges[s1] = Edge()

    def disconnect(self, a: Node, b: Node) -> None:
        """Remove the edge (a, b)."""
        del a.edges[b], b.edges[a]

    def remove_old_edges(self, s1: Node, max_age: int) -> None:
        """Step 7: edges of s1 older than max_age go, and with them neighbours that have no other edge."""
        for neighbour, edge in list(s1.edges.items()):
            if edge.age > max_age:
                self.disconnect(s1, neighbour)
                if not neighbour.edges and not neighbour.fixed:
                    self.nodes.remove(neighbour)

    def remove_least_useful(self) -> None:
        """Step 8 of GNG-U: the node of smallest utility goes, with its edges and the neighbours that had no other edge,
        if the largest error is more than `utility` times that.

        Nothing goes where fewer than two nodes would be left.
        """
        removable = [
            node for node in self.nodes if not node.fixed and not any(edge.permanent for edge in node.edges.values())
        ]
        if not removable:
            return
        least = min(removable, key=lambda node: node.utility)  # min takes the first, and so the oldest, of equal ones
        leaving = [node for node in least.edges if len(node.edges) == 1 and not node.fixed]
        if len(self.nodes) - len(leaving) < 3:
            return
        if max(node.error for node in self.nodes) > self.utility * least.utility:
            for neighbour in list(least.edges):
                self.disconnect(least, neighbour)
            for node in [least, *leaving]:
                self.nodes.remove(node)

    def insert_node(self, error_factor_of_r: float) -> None:
        """Step 8: if there is room, a new node r half-way between q, the node of largest error, and f, its neighbour of
        largest error; if q is fixed, at the signal it won last."""
        if len(self.nodes) == self.max_nodes:
            return
        q = max(self.nodes, key=lambda node: node.error)  # max takes the first, and so the oldest, of equal ones
        f = max((node for node in self.nodes if node in q.edges), key=lambda node: node.error, default=None)
        if q.fixed:
            r = Node(flushed(q.last_won))
        elif f is not None:
            r = Node(flushed([self.half * (w_q + w_f) for w_q, w_f in zip(q.w, f.w)]))
        else:
            return
        self.nodes.append(r)
        self.connect(q, r)
        q.error *= self.alpha
        r.error = q.error * error_factor_of_r
        r.utility = q.utility
        if f is not None:
            if not q.edges[f].permanent:
                self.disconnect(q, f)
            self.connect(f, r)
            f.error *= self.alpha
            r.utility = (q.utility + f.utility) / 2

    def decay_errors(self) -> None:
        """Step 9: all errors and utilities fall by the factor `decay`, by letting the scale they are stored in grow.

        Bringing the scale back multiplies by a power of two, which changes no digit.
        """
        self.error_scale *= self.growth
        if self.error_scale > ERROR_SCALE_LIMIT:
            for node in self.nodes:
                node.error /= ERROR_SCALE_LIMIT
                node.utility /= ERROR_SCALE_LIMIT
            self.error_scale /= ERROR_SCALE_LIMIT

    # ---- start and result --------------------------------------------------------------------------------------------

    def start(
        self,
        nodes: ArrayLike,
        edges: Sequence[tuple[int, int]] = (),
        fixed: bool | ArrayLike = False,
        permanent: bool | ArrayLike = False,
    ) -> None:
        """Add nodes, and edges of age 0 between them; see `gng_fast.Network.start`.

        Parameters
        ----------
        nodes : array of shape (k, d)
            Positions.
        edges : sequence of pairs of int
            Node numbers, in order of age from 0.
        fixed : bool or array of bool, shape (k,), default False
            Which of the nodes are fixed.
        permanent : bool or array of bool, shape (number of edges,), default False
            Which of the edges are permanent.
        """
        rows = as_points(nodes, "nodes", dtype=self.dtype, n_features=self.n_features)
        self.nodes += [
            Node(flushed([self.number(value) for value in row]), flag)
            for row, flag in zip(rows, as_flags(fixed, len(rows), "fixed").tolist())
        ]
        for (a, b), flag in zip(edges, as_flags(permanent, len(edges), "permanent").tolist()):
            self.connect(self.nodes[a], self.nodes[b])
            self.nodes[a].edges[self.nodes[b]].permanent |= flag

    def draw_start_nodes(self, signals: Signals, n_start_nodes: int = 2) -> None:
        """Step 0: add nodes at rows of the data; the second is redrawn until it differs from the first.

        Parameters
        ----------
        signals : Signals
            The data. Its order of presentation stays as it is.
        n_start_nodes : int, default 2
            Number of nodes.
        """
        X = signals.X
        rows = [self.draw_start_row(signals, 0)]
        while len(rows) < n_start_nodes:
            row = self.draw_start_row(signals, rows[-1] + 1)
            if len(rows) == 1:
                redraws = 0
                while (X[row] == X[rows[0]]).all() and redraws < MAX_REDRAWS:
                    row = self.draw_start_row(signals, row + 1)
                    redraws += 1
                if (X[row] == X[rows[0]]).all():
                    row = next(
                        other
                        for other in range(len(X))
                        if (X[other] != X[rows[0]]).any() and (signals.weights is None or signals.weights[other] > 0)
                    )
            rows.append(row)
        self.start(X[rows])

    def draw_start_row(self, signals: Signals, next_row: int) -> int:
        """Return a row at random, whatever the position in an epoch; of signals in order the next one."""
        if signals.sampling == "order":
            return next_row % len(signals.X)
        if signals.weights is not None:
            return signals.draw_weighted_row(self.generator)
        return self.generator.below(len(signals.X))

    def take_mean_distance(self) -> float:
        """Return the mean distance of signals to their winners since this was last asked.

        Returns
        -------
        float
            Mean over all signals presented, of the distance before the winner moved; NaN for no signals.
        """
        total = 0.0
        for distance in self.distances:
            total += distance
        mean = total / len(self.distances) if self.distances else math.nan
        self.distances.clear()
        return mean

    def nearest(self, X: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
        """Return the nearest node of each row of X, and its distance.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to look up.

        Returns
        -------
        nodes : ndarray of int64, shape (n,)
            Numbers of the nodes as in `graph()`; of equally near ones the oldest.
        distances : ndarray of `dtype`, shape (n,)
            Euclidean distances.

        Raises
        ------
        ValueError
            If there is no node.
        """
        nodes, distances = self.look_up(X, 1)
        return nodes[:, 0], distances[:, 0]

    def two_nearest(self, X: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
        """Return the nearest and the second nearest node of each row of X, and their distances.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to look up.

        Returns
        -------
        nodes : ndarray of int64, shape (n, 2)
            Numbers of the nodes as in `graph()`, the nearest first; of equally near ones the oldest.
        distances : ndarray of `dtype`, shape (n, 2)
            Euclidean distances.

        Raises
        ------
        ValueError
            If there are fewer than 2 nodes.
        """
        return self.look_up(X, 2)

    def look_up(self, X: ArrayLike, k: int) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
        """Return numbers and distances of the k nearest nodes, k being 1 or 2."""
        if len(self.nodes) < k:
            raise ValueError(
                f"a network must have at least {k} node{'s'[: k - 1]} to look up the nearest, got {len(self.nodes)}"
            )
        number = {node: i for i, node in enumerate(self.nodes)}
        nodes: list[list[int]] = []
        distances: list[list[float]] = []
        for row in as_points(X, dtype=self.dtype, n_features=self.n_features):
            s1, s2, d1, d2 = self.find_two_nearest([self.number(value) for value in row])
            nodes.append([number[node] for node in (s1, s2)[:k]])
            distances.append([math.sqrt(distance) for distance in (d1, d2)[:k]])
        return np.array(nodes, np.int64), np.array(distances, self.dtype)

    def graph(self) -> Graph:
        """Return a copy of the nodes, edges, ages and errors.

        Returns
        -------
        Graph
            Nodes are in order of birth.
        """
        number = {node: i for i, node in enumerate(self.nodes)}
        edges = [
            (number[a], number[b], edge.age) for a in self.nodes for b, edge in a.edges.items() if number[a] < number[b]
        ]
        rows = np.array(edges, np.int64).reshape(-1, 3)
        nodes = np.array([node.w for node in self.nodes], self.dtype).reshape(-1, self.n_features)
        return Graph(nodes, rows[:, :2], rows[:, 2], np.array([node.error / self.error_scale for node in self.nodes]))


def flushed(w: list[float]) -> list[float]:
    """Return the position of a node that starts, is inserted or has won: 0 in place of coordinates smaller than 2^-60.

    Nodes that follow zeros would otherwise come to subnormal numbers, with which CPUs are slow (src_c/float_rules.h).
    """
    return [w_k if abs(w_k) >= SMALLEST_COORDINATE else type(w_k)(0) for w_k in w]


def squared_distance(a: list[float], b: list[float]) -> float:
    """Return |a - b|^2 in the precision of the numbers given.

    The order of additions is that of the core (src_c/search.h), which decides the last bit: from the first coordinate
    to the last; from 32 dimensions on every eighth coordinate goes to a sum of its own.
    """
    squares = [(a_k - b_k) * (a_k - b_k) for a_k, b_k in zip(a, b)]
    if len(squares) < 32:
        return add_up(squares)
    s = [add_up(squares[i::8]) for i in range(8)]
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


def add_up(numbers: list[float]) -> float:
    """Return the sum, rounded after every addition; from Python 3.12 on the built-in sum is more exact than that."""
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total
