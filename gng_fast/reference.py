"""Growing Neural Gas in plain Python: the oracle for the compiled core and the baseline of its benchmarks.

The steps, names, tie rules and random numbers are those of the core, so that both give equal graphs after every signal.
It is written for reading. Steps are numbered as in Fritzke (1995), section 2.
"""

import math
from collections.abc import Sequence

import numpy as np

from gng_fast.graph import Graph
from gng_fast.parameters import as_points, check, network_parameters

ERROR_SCALE_LIMIT = 2.0**512


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

    def __init__(self, X, sampling: str = "epochs", dtype: type = np.float32):
        self.X = as_points(X, dtype=dtype)
        self.sampling = check("sampling", sampling)
        self.order = list(range(len(self.X)))
        self.position = 0

    def sample_signal(self, generator: Generator) -> np.ndarray:
        """Step 1: the next input signal."""
        n = len(self.X)
        if self.sampling == "replacement":
            return self.X[generator.below(n)]
        if self.position == n:
            self.position = 0
        row = self.position
        self.position += 1
        if self.sampling == "epochs":  # shuffle as we go
            other = row + generator.below(n - row)
            self.order[row], self.order[other] = self.order[other], self.order[row]
            row = self.order[row]
        return self.X[row]


class Edge:
    """An edge; its two ends share the object."""

    def __init__(self):
        self.age = 0


class Node:
    """A node: position, error (scaled, see decay_errors), and its edges by neighbour."""

    def __init__(self, w: list):
        self.w = w
        self.error = 0.0
        self.edges: dict[Node, Edge] = {}


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
        # NeuPy compares the plain distance with the square of its threshold
        self.skip_below = given["min_distance"] ** (2 if self.neupy else 1)
        self.nodes: list[Node] = []
        self.error_scale = 1.0
        self.until_insertion = self.lam
        self.n_signals = 0
        self.distances: list[float] = []

    # ---- training -----------------------------------------------------------------------------------------------------

    def train(self, signals: Signals, n_signals: int) -> None:
        """Present `n_signals` signals."""
        for _ in range(n_signals):
            x = [self.number(value) for value in signals.sample_signal(self.generator)]
            s1, s2, squared_distance = self.find_two_nearest(x)
            distance = self.number(math.sqrt(squared_distance))
            self.distances.append(float(distance))
            if distance < self.skip_below:
                continue
            if self.neupy:
                self.train_neupy(x, s1, s2, distance)
            else:
                self.train_fritzke(x, s1, s2, squared_distance)
            self.n_signals += 1

    def train_fritzke(self, x: list, s1: Node, s2: Node, squared_distance: float) -> None:
        self.age_edges(s1)
        self.add_error(s1, squared_distance)
        self.move_towards(s1, x, self.eps_b)
        self.move_neighbours(s1, x)
        self.connect(s1, s2)
        self.remove_old_edges(s1, self.max_age)
        if self.insertion_due():
            self.insert_node(error_factor_of_r=1)
        self.decay_errors()

    def train_neupy(self, x: list, s1: Node, s2: Node, distance: float) -> None:
        """As NeuPy 0.8.2: the error is not squared, edges are checked before they age, s2 moves even if its edge is new,
        and a new node starts without error."""
        self.add_error(s1, distance)
        self.move_towards(s1, x, self.eps_b)
        self.connect(s1, s2)
        self.remove_old_edges(s1, self.max_age - 1)
        self.age_edges(s1)
        self.move_neighbours(s1, x)
        if self.insertion_due():
            self.insert_node(error_factor_of_r=0)
        self.decay_errors()

    def insertion_due(self) -> bool:
        """Return whether this signal is a lam-th one and there is room for a node."""
        self.until_insertion -= 1
        if self.until_insertion > 0:
            return False
        self.until_insertion = self.lam
        return len(self.nodes) < self.max_nodes

    # ---- the steps ----------------------------------------------------------------------------------------------------

    def find_two_nearest(self, x: list) -> tuple[Node, Node, float]:
        """Step 2: the nearest node s1 and second nearest s2 of signal x, and the squared distance of s1."""
        s1 = s2 = None
        d1 = d2 = math.inf
        for node in self.nodes:
            distance = squared_distance(node.w, x)
            if distance < d1:
                s2, d2 = s1, d1
                s1, d1 = node, distance
            elif distance < d2:
                s2, d2 = node, distance
        return s1, s2, d1

    def age_edges(self, s1: Node) -> None:
        """Step 3: all edges of s1 grow older by one."""
        for edge in s1.edges.values():
            edge.age += 1

    def add_error(self, s1: Node, amount: float) -> None:
        """Step 4: error[s1] += amount."""
        s1.error += float(amount) * self.error_scale

    def move_towards(self, node: Node, x: list, eps: float) -> None:
        """Step 5: w += eps (x - w)."""
        node.w = [w_k + eps * (x_k - w_k) for w_k, x_k in zip(node.w, x)]

    def move_neighbours(self, s1: Node, x: list) -> None:
        """Step 5: the neighbours of s1 move by eps_n."""
        for neighbour in s1.edges:
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
                if not neighbour.edges:
                    self.nodes.remove(neighbour)

    def insert_node(self, error_factor_of_r: float) -> None:
        """Step 8: a new node r half-way between q, the node of largest error, and f, its neighbour of largest error."""
        q = max(self.nodes, key=lambda node: node.error)  # max takes the first, and so the oldest, of equal ones
        if not q.edges:
            return
        f = max((node for node in self.nodes if node in q.edges), key=lambda node: node.error)
        r = Node([self.half * (w_q + w_f) for w_q, w_f in zip(q.w, f.w)])
        self.nodes.append(r)
        self.disconnect(q, f)
        self.connect(q, r)
        self.connect(f, r)
        q.error *= self.alpha
        f.error *= self.alpha
        r.error = q.error * error_factor_of_r

    def decay_errors(self) -> None:
        """Step 9: all errors fall by the factor `decay`, by letting the scale they are stored in grow.

        Bringing the scale back multiplies by a power of two, which changes no digit.
        """
        self.error_scale *= self.growth
        if self.error_scale > ERROR_SCALE_LIMIT:
            for node in self.nodes:
                node.error /= ERROR_SCALE_LIMIT
            self.error_scale /= ERROR_SCALE_LIMIT

    # ---- start and result ---------------------------------------------------------------------------------------------

    def start(self, nodes, edges: Sequence[tuple[int, int]] = ()) -> None:
        """Add nodes at the rows of `nodes`, and edges of age 0 between them."""
        rows = as_points(nodes, "nodes", dtype=self.dtype, n_features=self.n_features)
        self.nodes += [Node([self.number(value) for value in row]) for row in rows]
        for a, b in edges:
            self.connect(self.nodes[a], self.nodes[b])

    def draw_start_nodes(self, signals: Signals, n_start_nodes: int = 2) -> None:
        """Step 0: add nodes at rows of the data; the second is redrawn until it differs from the first."""
        X, in_order = signals.X, signals.sampling == "order"
        rows: list[int] = []
        while len(rows) < n_start_nodes:
            if in_order:
                row = (rows[-1] + 1) % len(X) if rows else 0
                while len(rows) == 1 and (X[row] == X[rows[0]]).all():
                    row += 1
            else:
                row = self.generator.below(len(X))
                while len(rows) == 1 and (X[row] == X[rows[0]]).all():
                    row = self.generator.below(len(X))
            rows.append(row)
        self.start(X[rows])

    def take_mean_distance(self) -> float:
        """Return the mean distance of signals to their winners (before its move) since last asked; NaN for no signals."""
        total = 0.0
        for distance in self.distances:
            total += distance
        mean = total / len(self.distances) if self.distances else math.nan
        self.distances.clear()
        return mean

    def graph(self) -> Graph:
        """Return the nodes, in order of birth, with their edges, ages and errors as a `Graph`."""
        number = {node: i for i, node in enumerate(self.nodes)}
        edges = [(number[a], number[b], edge.age) for a in self.nodes for b, edge in a.edges.items()
                 if number[a] < number[b]]
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
