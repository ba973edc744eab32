"""Clusters as hills of density in plain Python, from rows to labels: the oracle for gng_fast/model/clusters.

It is written for reading, from the definitions: no arrays, no heaps of neighbours, no union-find. Every number is the
result of the same operations in the same order as in the package, so labels must be equal, and not nearly so.
"""

import math
from itertools import groupby

import numpy as np

from gng_fast.reference import ReferenceNetwork, add_up, squared_distance


class PlainClusters:
    """Clusters of nodes, given as rows of float32, from the rows of data.

    Attributes
    ----------
    of_nodes : list of int
        Cluster of each node, -1 for noise.
    strengths : list of float
    labels : list of int
        Cluster of each row.
    hills : list of (peak, saddle, rows)
        As logarithms, by falling prominence.
    """

    def __init__(self, nodes, X, weights=None, n_clusters=None, min_cluster_size=None, noise=False):
        self.n, self.d = np.shape(nodes)
        self.count_rows(nodes, X, [1.0] * len(X) if weights is None else [float(weight) for weight in weights])
        self.make_landscape()
        tau = min(max(0.3, (2 + 2.5 / self.dimension) * math.sqrt(2 / self.mass)), 0.75)
        share = 0.1 if n_clusters is None else 0.25
        self.least = max(10.0, share * self.mass) if min_cluster_size is None else min_cluster_size
        whole, merges = self.hills_at(math.inf)
        if n_clusters is None:
            self.rise = math.exp(2 * tau / self.dimension)
        else:
            rises = sorted({saddle / peak for peak, saddle, _ in merges}) + [math.inf]
            self.rise = next(rise for rise in rises if self.count_large(rise) <= n_clusters or rise == math.inf)
        hills, _ = self.hills_at(self.rise)
        if n_clusters is not None:
            self.cross_bridges(hills, n_clusters)
        large = self.large(hills)
        hills = {node: hills[self.nearest_of(nodes, node, large)] for node in range(self.n)}
        is_noise = [noise and (node not in large or self.g[node] > self.saddle(hills, node)) for node in range(self.n)]
        self.number(hills, is_noise)
        self.labels = [self.of_nodes[winner] for winner in self.winners]
        self.draw(whole, merges)

    # ---- rows --------------------------------------------------------------------------------------------------------

    def count_rows(self, nodes, X, weights):
        """What each node wins, and the pairs of nodes that rows lie between."""
        network = ReferenceNetwork(self.d, max_nodes=max(2, self.n))
        network.start(nodes)
        two, distances = network.two_nearest(X)
        self.winners = two[:, 0].tolist()
        self.rows, sums, errors = [0.0] * self.n, [[0.0] * self.d for _ in range(self.n)], [0.0] * self.n
        between = {}
        for x, (s1, s2), d1, weight in zip(X.tolist(), two.tolist(), distances[:, 0].tolist(), weights):
            self.rows[s1] += weight
            sums[s1] = [total + weight * x_k for total, x_k in zip(sums[s1], x)]
            errors[s1] += weight * (d1 * d1)
            pair = min(s1, s2), max(s1, s2)
            between[pair] = between.get(pair, 0.0) + weight
        self.means, self.variances = [], []
        for w, rows, total, error in zip(np.asarray(nodes, float).tolist(), self.rows, sums, errors):
            mean = [total_k / rows for total_k in total] if rows else w
            moved = add_up([(mean_k - w_k) * (mean_k - w_k) for mean_k, w_k in zip(mean, w)])
            self.means.append([np.float32(mean_k) for mean_k in mean])
            self.variances.append(max(0.0, error / rows - moved) if rows else 0.0)
        self.edges = sorted(
            (a, b) for (a, b), rows in between.items() if rows > 0 and rows >= 0.01 * min(self.rows[a], self.rows[b])
        )

    # ---- density -----------------------------------------------------------------------------------------------------

    def distance_to_measure(self, point, mass):
        """The mean squared distance of a point to the `mass` rows nearest to it."""
        squares = []
        for node, mean in enumerate(self.means):
            distance = float(np.float32(math.sqrt(squared_distance(mean, point))))
            squares.append((distance * distance, node))
        total = taken = before = 0.0
        for square, node in sorted(squares):
            share = min(max(mass - before, 0.0), self.rows[node])
            total += share * (square + self.variances[node])
            taken += share
            before += self.rows[node]
        return total / taken

    def make_landscape(self):
        """The distances to the measure of nodes and edges, and the dimension."""
        n_rows = add_up(self.rows)
        self.mass = min(max(1.25 * math.sqrt(n_rows), 0.02 * n_rows, 7 * n_rows / self.n), n_rows / 4)
        reach = max(abs(float(value)) for mean in self.means for value in mean)
        floor = (2.0**-24 * reach) ** 2 if reach else 1.0
        self.g = [max(self.distance_to_measure(mean, self.mass), floor) for mean in self.means]
        twice = [max(self.distance_to_measure(mean, 2 * self.mass), floor) for mean in self.means]
        self.edges, self.bridges = self.edges_and_bridges()
        self.edge_g = {}
        for a, b in self.edges:
            self.edge_g[a, b] = self.g_between(a, b)
        growth, upto = sorted((big / small, node) for node, (big, small) in enumerate(zip(twice, self.g))), 0.0
        median = 0.0
        for ratio, node in growth:
            if upto < n_rows / 2:
                upto, median = upto + self.rows[node], ratio
        self.dimension = min(max(1.0, 2 * math.log(2) / max(math.log(median), 1e-9)), float(self.d))

    def g_between(self, a, b):
        """The largest distance to the measure on the way between two nodes."""
        middle = [np.float32((float(a_k) + float(b_k)) / 2) for a_k, b_k in zip(self.means[a], self.means[b])]
        return max(self.g[a], self.g[b], self.distance_to_measure(middle, self.mass))

    # ---- hills -------------------------------------------------------------------------------------------------------

    def hills_at(self, rise):
        """The peak of each node when hills of a smaller rise are parts of higher ones, and what was merged."""
        peak, merges = list(range(self.n)), []
        for a, b in sorted(self.edges, key=lambda edge: self.edge_g[edge]):
            if peak[a] == peak[b]:
                continue
            (_, higher), (_, lower) = sorted((self.g[node], node) for node in (peak[a], peak[b]))
            saddle, rows = self.edge_g[a, b], [self.rows_of(peak, top) for top in (higher, lower)]
            if min(rows) >= self.least:
                if saddle >= self.g[lower] * rise:
                    continue
                if saddle > self.g[lower]:
                    merges.append((self.g[lower], saddle, rows[1]))
            peak = [higher if top == lower else top for top in peak]
        return dict(enumerate(peak)), merges

    def cross_bridges(self, hills, n_clusters):
        """Join hills that meet no other over the shortest ways between them, until few enough are large."""
        ways = sorted((self.g_between(a, b), i) for i, (a, b) in enumerate(self.bridges))
        for _, i in ways:
            if sum(self.rows_of(hills, top) >= self.least for top in set(hills.values())) <= n_clusters:
                return
            (_, higher), (_, lower) = sorted((self.g[hills[node]], hills[node]) for node in self.bridges[i])
            hills.update({node: higher for node in hills if hills[node] == lower})

    def edges_and_bridges(self):
        """The edges with the bridges that are hardly longer, and the other bridges."""
        bridges, length = self.all_bridges(), {edge: self.squared_length(*edge) for edge in self.edges}
        if not length:
            return self.edges, bridges
        usual = sorted(length.values())[len(length) // 2]
        reach = [max((length[edge] for edge in self.edges if node in edge), default=usual) for node in range(self.n)]
        short = [(a, b) for a, b in bridges if self.squared_length(a, b) <= 2.2**2 * min(reach[a], reach[b])]
        return sorted(self.edges + short), [bridge for bridge in bridges if bridge not in short]

    def squared_length(self, a, b):
        return add_up([(float(a_k) - float(b_k)) ** 2 for a_k, b_k in zip(self.means[a], self.means[b])])

    def all_bridges(self):
        """The edges that a minimum spanning tree adds to the graph, in the rounds in which parts find them."""
        part, bridges = list(range(self.n)), []
        for a, b in self.edges:
            part = [part[b] if p == part[a] else p for p in part]
        while len(set(part)) > 1:
            pairs = [(a, b) for a in range(self.n) for b in range(a + 1, self.n) if part[a] != part[b]]
            length = {pair: math.sqrt(squared_distance(*(self.means[node] for node in pair))) for pair in pairs}
            ways = {
                min((np.float32(length[pair]), pair) for pair in pairs if p in (part[pair[0]], part[pair[1]]))[1]
                for p in set(part)
            }
            for a, b in sorted(ways):
                bridges.append((a, b))
                part = [part[b] if p == part[a] else p for p in part]
        return bridges

    def rows_of(self, peak, top):
        """The rows of a hill; whole numbers or quarters in tests, so that the order of additions does not matter."""
        return sum(self.rows[node] for node in range(self.n) if peak[node] == top)

    def count_large(self, rise):
        hills, _ = self.hills_at(rise)
        return sum(self.rows_of(hills, top) >= self.least for top in set(hills.values()))

    def large(self, hills):
        """The nodes of hills with rows enough, or any if none has."""
        for least in self.least, 1e-300:
            tops = {top for top in set(hills.values()) if self.rows_of(hills, top) >= least}
            if tops:
                return [node for node in range(self.n) if hills[node] in tops]

    def nearest_of(self, nodes, node, some):
        """The node itself if it is one of `some`, or else the nearest of these."""
        if node in some:
            return node
        w = [np.float32(value) for value in nodes[node]]
        distance = {other: squared_distance([np.float32(value) for value in nodes[other]], w) for other in some}
        return min(some, key=lambda other: (distance[other], other))

    def saddle(self, hills, node):
        """The g of the highest saddle at which the cluster of a node meets another."""
        meetings = [
            self.edge_g[a, b] for a, b in self.edges if hills[a] != hills[b] and hills[node] in (hills[a], hills[b])
        ]
        return min(meetings, default=math.inf)

    # ---- results -----------------------------------------------------------------------------------------------------

    def number(self, hills, is_noise):
        members = {
            top: [node for node, _ in group]
            for top, group in groupby(sorted(hills.items(), key=lambda item: (item[1], item[0])), lambda item: item[1])
        }
        order = sorted(members, key=lambda top: (-sum(self.rows[node] for node in members[top]), members[top][0]))
        lowest = {top: min(self.g[node] for node in members[top]) for top in members}
        self.of_nodes = [-1 if is_noise[node] else order.index(hills[node]) for node in range(self.n)]
        self.strengths = [
            0.0 if is_noise[node] else math.sqrt(lowest[hills[node]] / self.g[node]) for node in range(self.n)
        ]

    def draw(self, whole, merges):
        """The persistence diagram."""
        tops = sorted({whole[node] for node in self.large(whole)})
        hills = [(self.g[top], math.inf, self.rows_of(whole, top)) for top in tops] + merges
        highest, half = min(peak for peak, _, _ in hills), self.dimension / 2
        self.hills = [
            (-half * math.log(peak / highest), -half * math.log(saddle / highest), rows)
            for peak, saddle, rows in sorted(hills, key=lambda hill: (-hill[1] / hill[0], -hill[2]))
        ]
