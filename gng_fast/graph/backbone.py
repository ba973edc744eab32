"""The principal tree of a graph: its longest path, and the branches that are clearly longer than the data are thick.

1. The nodes move to the middle of their neighbours again and again, which takes the thickness out of the data: by a
   tenth of the longest way through the graph. Lengths of edges are those between the nodes that have moved.
2. The tree begins with the longest shortest path, and grows by the shortest path to the node that is farthest from it.
3. Of the branches, longest first, the last one counts that is longer than a few times the distance that the nodes have
   from the tree with it: that is the thickness, which a mere spur of it is not longer than.
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.graph.lengths import lengths_of
from gng_fast.graph.paths import Neighbours, path_to, search

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

# How far nodes move together, as a share of the longest way; and in how many steps at most.
_SMOOTHED_SHARE, _MOST_STEPS = 0.1, 500
# How much longer a branch is than nine tenths of the nodes are far from the tree: spurs had up to 2.4, branches 3.4.
_LONGER, _MOST_NODES = 3.0, 0.9
# No branch is shorter than this share of the longest way, and there are no more than so many.
_SHORTEST, _MOST_BRANCHES = 0.05, 200


def backbone(nodes: NDArray[np.floating], edges: Ints, components: Ints) -> tuple[Ints, Ints]:
    """Return the edges of the principal tree of each component, and the branch that each node is nearest to.

    A component of a single node has no tree, and its branch is -1.
    """
    tree, branches, n_branches = [np.empty((0, 2), np.int64)], np.full(len(nodes), -1), 0
    order = np.argsort(components, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(components[order])) + 1):
        if len(members) < 2:
            continue
        number = np.full(len(nodes), -1)
        number[members] = np.arange(len(members))
        inside = number[edges[number[edges[:, 0]] >= 0]]
        grown, of_nodes = _tree(nodes[members].astype(np.float64), inside)
        tree.append(members[grown])
        branches[members] = of_nodes + n_branches
        n_branches += int(of_nodes.max()) + 1
    return np.sort(np.concatenate(tree), axis=1), branches


def _tree(positions: Reals, edges: Ints) -> tuple[Ints, Ints]:
    """The same of a connected graph."""
    lengths = _lengths(positions, edges)
    longest = _longest_path(Neighbours(len(positions), edges, lengths))[1]
    if longest > 0:
        # as in a random walk, each step takes a node a third of the time to a neighbour
        steps = min(int(1.5 * _SMOOTHED_SHARE**2 / np.mean((lengths / longest) ** 2)) + 1, _MOST_STEPS)
        lengths = _lengths(_smoothed(positions, edges, steps), edges)
    else:  # all nodes in one place
        lengths = np.ones(len(edges))
    neighbours = Neighbours(len(positions), edges, lengths)
    paths = _paths(neighbours)
    pairs = np.concatenate([np.stack([path[:-1], path[1:]], axis=1) for path in map(np.array, paths)])
    return pairs, _branches(neighbours, pairs)


def _lengths(positions: Reals, edges: Ints) -> Reals:
    return lengths_of(positions[edges[:, 1]] - positions[edges[:, 0]])


def _smoothed(positions: Reals, edges: Ints, steps: int) -> Reals:
    """The nodes, each moved a third of the way to the middle of its neighbours so many times.

    With half of the way, two nodes would meet.
    """
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    degrees = np.bincount(both[:, 0])
    starts = np.cumsum(degrees) - degrees
    for _ in range(steps):
        sums = np.add.reduceat(positions[both[:, 1]], starts, axis=0)
        positions = (2 * positions + sums / degrees[:, None]) / 3
    return positions


def _longest_path(neighbours: Neighbours) -> tuple[list[int], float]:
    """The longest shortest path, as far as two searches find it, and its length."""
    start = int(np.argmax(search(neighbours, [0])[0]))
    distances, before = search(neighbours, [start])
    end = int(np.argmax(distances))
    return path_to(end, before), distances[end]


def _paths(neighbours: Neighbours) -> list[list[int]]:
    """The longest path and the branches, each from a node of those before it."""
    trunk, longest = _longest_path(neighbours)
    paths, n_paths = [trunk], 1
    known = search(neighbours, trunk)
    while len(paths) < _MOST_BRANCHES:
        distances, before = known
        end = int(np.argmax(distances))
        length = distances[end]
        if length <= _SHORTEST * longest:
            break
        paths.append(path_to(end, before))
        known = search(neighbours, paths[-1], known=known)
        if length > _LONGER * np.quantile(known[0], _MOST_NODES):
            n_paths = len(paths)
    return paths[:n_paths]


def _branches(neighbours: Neighbours, pairs: Ints) -> Ints:
    """The branch of each node: that of the nearest node of the tree. A fork is in one of its branches."""
    n = len(neighbours)
    on_tree, degrees = np.unique(pairs), np.bincount(pairs.ravel(), minlength=n)
    beside: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs.tolist():
        beside[a].append(b)
        beside[b].append(a)
    branch, n_branches = [-1] * n, 0
    is_fork = (degrees > 2).tolist()
    for start in on_tree[degrees[on_tree] <= 2].tolist():
        waiting = [start] if branch[start] < 0 else []
        n_branches += len(waiting)
        while waiting:
            node = waiting.pop()
            branch[node] = n_branches - 1
            waiting += [other for other in beside[node] if branch[other] < 0 and not is_fork[other]]
    distances, before = search(neighbours, on_tree.tolist())
    for fork in np.flatnonzero(is_fork).tolist():
        near = [branch[other] for other in beside[fork] if branch[other] >= 0]
        n_branches += not near  # between forks only
        branch[fork] = min(near, default=n_branches - 1)
    for node in np.argsort(distances, kind="stable").tolist():
        if before[node] >= 0:
            branch[node] = branch[before[node]]
    return np.array(branch)
