"""Growing Neural Gas in plain Python: the oracle for the compiled core and the baseline of its benchmarks.

The steps, names, tie rules and random numbers are those of the core, so that both give equal graphs after every signal.
It is written for reading. Steps are numbered as in Fritzke (1995), section 2.
"""

import math
from collections.abc import Sequence

import numpy as np

from gng_fast.graph import Graph
from gng_fast.parameters import as_flags, as_points, as_weights, check, network_parameters, skip_distance

ERROR_SCALE_LIMIT = 2.0**512
STAGES = 4096
MAX_REDRAWS = 1000


class Generator:
    """SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): 64 random bits from a 64-bit state."""

    def __init__(self, seed: int):
        self.state = check("seed", seed)

    def next_random(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return z ^ (z >> 31)

    def below(self, n: int) -> int:
        """Return a random integer in [0, n), 1 <= n <= 2^32, without bias (Lemire, ACM TOMACS 29, 2019)."""
        product = (self.next_random() >> 32) * n
        while product % 2**32 < (2**32 - n) % n:
            product = (self.next_random() >> 32) * n
        return product >> 32


class Signals:
    """Data and the order in which it is presented; see `gng_fast.Signals`."""

    def __init__(self, X, sampling: str = "epochs", *, weights=None, jitter: float = 0.0, dtype: type = np.float32):
        self.X = as_points(X, dtype=dtype)
        self.sampling = check("sampling", sampling)
        if weights is not None and sampling == "order":
            raise ValueError("weights cannot be used with sampling='order'")
        self.weights = None if weights is None else as_weights(weights, len(self.X))
        if weights is not None:
            self.probability, self.alias = alias_table(self.weights.tolist())
        self.number = float if dtype is np.float64 else dtype
        self.jitter = self.number(check("jitter", jitter))
        self.order = list(range(len(self.X)))
        self.position = 0

    def sample_signal(self, generator: Generator) -> list:
        """Step 1: the next input signal, each coordinate moved at random by up to `jitter`."""
        x = [self.number(value) for value in self.X[self.draw_row(generator)]]
        if self.jitter == 0:
            return x
        # 24 random bits make an exact float32 in [-1, 1)
        return [value + self.jitter * self.number((generator.next_random() >> 40) * 2.0**-23 - 1) for value in x]

    def draw_row(self, generator: Generator) -> int:
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

    def __init__(self, start: tuple[float, float], end: tuple[float, float], n_signals: int):
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

    def __init__(self):
        self.age = 0
        self.permanent = False


class Node:
    """A node: position, error and utility (scaled, see decay_errors), and its edges by neighbour.

    A fixed node never moves and never goes; it keeps the signal it won last.
    """

    def __init__(self, w: list, fixed: bool = False):
        self.w = w
        self.error = 0.0
        self.utility = 0.0
        self.edges: dict[Node, Edge] = {}
        self.fixed = fixed
        self.last_won = w


class ReferenceNetwork:
    """Growing Neural Gas in plain Python.

    Parameters are those of `gng_fast.Network`, and `dtype`: np.float32 as the core (every operation is rounded to it),
    or np.float64. `nodes` is in order of birth; of equal distances or errors the oldest node is taken.
    """

    def __init__(self, n_features: int, *, seed: int = 0, dtype: type = np.float32, **parameters):
        given = network_parameters(parameters)
        self.n_features = check("n_features", n_features)
        self.generator = Generator(seed)
        self.dtype = dtype
        self.number = number = float if dtype is np.float64 else dtype
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

    # ---- training -----------------------------------------------------------------------------------------------------

    def train(self, signals: Signals, n_signals: int) -> None:
        """Present `n_signals` signals."""
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

    def train_fritzke(self, x: list, s1: Node, s2: Node, d1: float, d2: float) -> None:
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

    def train_neupy(self, x: list, s1: Node, s2: Node, distance: float) -> None:
        """As NeuPy 0.8.2: the error is not squared, edges are checked before they age, s2 moves even if its edge is new,
        and a new node starts without error."""
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
        """Let eps_b and eps_n go from where they are to these ends over the next `n_signals` signals of `train`."""
        start = float(self.eps_b), float(self.eps_n)
        end = check("eps_b_end", eps_b_end), check("eps_n_end", eps_n_end)
        self.annealing = Annealing(start, tuple(a if b is None else b for a, b in zip(start, end)), n_signals)

    def connect_signals(self, signals: Signals, n_signals: int) -> None:
        """Connect the two nearest nodes of each of `n_signals` signals; nothing else changes."""
        for _ in range(n_signals):
            s1, s2, _, _ = self.find_two_nearest(signals.sample_signal(self.generator))
            self.connect(s1, s2)

    def clear_edges(self) -> None:
        """Remove all edges but the permanent ones. Nodes stay, even without edges."""
        for node in self.nodes:
            node.edges = {neighbour: edge for neighbour, edge in node.edges.items() if edge.permanent}

    # ---- the steps ----------------------------------------------------------------------------------------------------

    def find_two_nearest(self, x: list) -> tuple[Node, Node, float, float]:
        """Step 2: the nearest node s1 and second nearest s2 of signal x, and their squared distances."""
        s1 = s2 = None
        d1 = d2 = math.inf
        for node in self.nodes:
            distance = squared_distance(node.w, x)
            if distance < d1:
                s2, d2 = s1, d1
                s1, d1 = node, distance
            elif distance < d2:
                s2, d2 = node, distance
        return s1, s2, d1, d2

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

    def move_towards(self, node: Node, x: list, eps: float) -> None:
        """Step 5: w += eps (x - w)."""
        node.w = [w_k + eps * (x_k - w_k) for w_k, x_k in zip(node.w, x)]

    def move_winner(self, s1: Node, x: list) -> None:
        """Step 5: s1 moves by eps_b; a fixed one stays, and keeps x as a place for a new node."""
        if s1.fixed:
            s1.last_won = x
        else:
            self.move_towards(s1, x, self.eps_b)

    def move_neighbours(self, s1: Node, x: list) -> None:
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
        if f is None and not q.fixed:
            return
        r = Node(q.last_won if q.fixed else [self.half * (w_q + w_f) for w_q, w_f in zip(q.w, f.w)])
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

    # ---- start and result ---------------------------------------------------------------------------------------------

    def start(self, nodes, edges: Sequence[tuple[int, int]] = (), fixed=False, permanent=False) -> None:
        """Add nodes at the rows of `nodes`, and edges of age 0 between them; see `gng_fast.Network.start`."""
        rows = as_points(nodes, "nodes", dtype=self.dtype, n_features=self.n_features)
        self.nodes += [
            Node([self.number(value) for value in row], flag)
            for row, flag in zip(rows, as_flags(fixed, len(rows), "fixed").tolist())
        ]
        for (a, b), flag in zip(edges, as_flags(permanent, len(edges), "permanent").tolist()):
            self.connect(self.nodes[a], self.nodes[b])
            self.nodes[a].edges[self.nodes[b]].permanent |= flag

    def draw_start_nodes(self, signals: Signals, n_start_nodes: int = 2) -> None:
        """Step 0: add nodes at rows of the data; the second is redrawn until it differs from the first."""
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
        if signals.sampling == "order":
            return next_row % len(signals.X)
        if signals.weights is not None:
            return signals.draw_weighted_row(self.generator)
        return self.generator.below(len(signals.X))

    def take_mean_distance(self) -> float:
        """Return the mean distance of signals to their winners (before its move) since last asked; NaN for no signals."""
        total = 0.0
        for distance in self.distances:
            total += distance
        mean = total / len(self.distances) if self.distances else math.nan
        self.distances.clear()
        return mean

    def nearest(self, X) -> tuple[np.ndarray, np.ndarray]:
        """Return number and distance of the node nearest to each row of X; see `gng_fast.Network.nearest`."""
        nodes, distances = self.look_up(X, 1)
        return nodes[:, 0], distances[:, 0]

    def two_nearest(self, X) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and distances of the two nodes nearest to each row of X."""
        return self.look_up(X, 2)

    def look_up(self, X, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers and distances of the k nearest nodes, k being 1 or 2."""
        if len(self.nodes) < k:
            raise ValueError(
                f"a network must have at least {k} node{'s'[: k - 1]} to look up the nearest, got {len(self.nodes)}"
            )
        number = {node: i for i, node in enumerate(self.nodes)}
        nodes, distances = [], []
        for row in as_points(X, dtype=self.dtype, n_features=self.n_features):
            s1, s2, d1, d2 = self.find_two_nearest([self.number(value) for value in row])
            nodes.append([number[node] for node in (s1, s2)[:k]])
            distances.append([math.sqrt(distance) for distance in (d1, d2)[:k]])
        return np.array(nodes, np.int64), np.array(distances, self.dtype)

    def graph(self) -> Graph:
        """Return the nodes, in order of birth, with their edges, ages and errors as a `Graph`."""
        number = {node: i for i, node in enumerate(self.nodes)}
        edges = [
            (number[a], number[b], edge.age) for a in self.nodes for b, edge in a.edges.items() if number[a] < number[b]
        ]
        rows = np.array(edges, np.int64).reshape(-1, 3)
        nodes = np.array([node.w for node in self.nodes], self.dtype).reshape(-1, self.n_features)
        return Graph(nodes, rows[:, :2], rows[:, 2], np.array([node.error / self.error_scale for node in self.nodes]))


def squared_distance(a: list, b: list) -> float:
    """Return |a - b|^2 in the precision of the numbers given.

    The order of additions is that of the core (src_c/search.h), which decides the last bit: from the first coordinate to
    the last; from 32 dimensions on every eighth coordinate goes to a sum of its own.
    """
    squares = [(a_k - b_k) * (a_k - b_k) for a_k, b_k in zip(a, b)]
    if len(squares) < 32:
        return add_up(squares)
    s = [add_up(squares[i::8]) for i in range(8)]
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))


def add_up(numbers: list) -> float:
    """Return the sum, rounded after every addition; from Python 3.12 on the built-in sum is more exact than that."""
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total
