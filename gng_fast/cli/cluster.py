"""gng-fast cluster: the clusters of a table of numbers."""

import math
import time

import click
import numpy as np
from numpy.typing import NDArray

from gng_fast.art.export import FORMATS, save
from gng_fast.cli.command import Argument, Command, Option, given
from gng_fast.cli.kinds import File, Number, Text, Whole
from gng_fast.cli.options import clobber_option
from gng_fast.cli.places import STANDARD, called, check_out, ending_for, tell, write_to
from gng_fast.cli.progress import Progress
from gng_fast.cli.scatter import scatter
from gng_fast.cli.tables import READERS, WRITERS, read_table
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import check

# What the model calls the options that it is given.
_PARAMETERS = {
    "nodes": "max_nodes",
    "epochs": "n_epochs",
    "seed": "random_state",
    "n_clusters": "n_clusters",
    "min_cluster_size": "min_cluster_size",
}
# Clusters of which the table has a line.
_MOST_LINES = 20
_PICTURES = [ending for ending, each in FORMATS.items() if each.takes == "drawing"]


def _run(ctx: click.Context) -> None:
    """file -> table -> network -> clusters -> files, and a table of the clusters."""
    data, out, plot = (ctx.params[name] for name in ("data", "out", "plot"))
    ending = None if out is None else ending_for(out, None, WRITERS)
    picture = None if plot is None else ending_for(plot, None, _PICTURES)
    if out is not None and out == plot:
        raise ValueError(f"plot must not be the file of the clusters, got '{plot}'")
    for place, kind in (out, ending), (plot, picture):
        if place is not None and kind is not None:
            check_out(place, [data], ctx.params["force"], kind, "table")
    started = time.perf_counter()
    with Progress(ctx.params["quiet"], "reading the table", after="finding the clusters") as progress:
        columns = ctx.params["columns"]
        table = read_table(data, ctx.params["array"], progress.share)
        table = table.chosen(columns and columns.split(","), ctx.params["skip_text"])
        X = table.values()
        if ctx.params["standardise"]:
            X = _standardised(X)
        model = _trained(X, ctx, progress)
        labels, graph = model.labels_, model.graph_
        density = _densities(labels, model.nearest(X), graph, model.persistence_.dimension)
        progress.stage("writing")
        if out is not None and ending is not None:
            write_to(out, lambda target: WRITERS[ending](labels, target))
        if plot is not None:
            drawing = scatter(X, labels, graph)
            write_to(plot, lambda target: save(target, drawing=drawing, format=picture))
    where = STANDARD if STANDARD in (out, plot) else ""
    tell(where, _table(labels, density))
    if not ctx.params["quiet"]:
        files = "".join(f"; {called(place)}" for place in (out, plot) if place is not None)
        tell(
            where,
            f"{len(X)} rows, {X.shape[1]} columns, {graph.n_nodes} nodes, {time.perf_counter() - started:.2f} s{files}",
        )


def _standardised(X: NDArray[np.generic]) -> NDArray[np.float64]:
    """The columns with mean 0 and standard deviation 1; one that is the same everywhere becomes 0."""
    values = np.asarray(X, dtype=np.float64)
    spread = values.std(axis=0)
    with np.errstate(all="ignore"):
        scaled: NDArray[np.float64] = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def _trained(X: NDArray[np.generic], ctx: click.Context, progress: Progress) -> GrowingNeuralGas:
    """The network of the rows."""
    # checked here, so that messages call them as the options are called
    chosen = {_PARAMETERS[name]: check(name, value) for name, value in given(ctx, *_PARAMETERS).items()}
    return GrowingNeuralGas(**chosen, noise=ctx.params["noise"], n_jobs=-1).fit(X, callback=progress.trained)


def _table(labels: NDArray[np.int64], density: dict[int, float]) -> str:
    """The clusters by falling rows: how many they have, and how dense they lie."""
    numbers, rows = np.unique(labels, return_counts=True)
    order = np.lexsort((numbers, -rows))
    lines = [("cluster", "rows", "share", "density")]
    for number, n in zip(numbers[order].tolist(), rows[order].tolist()):
        name = "none" if number < 0 else str(number)
        lines.append((name, f"{n}", f"{n / len(labels):.1%}", f"{density[number]:.3g}" if number in density else ""))
    rest = lines[_MOST_LINES + 1 :]
    text = [
        "".join(f"{word:>{width}}" for word, width in zip(line, (7, 11, 9, 11))) for line in lines[: _MOST_LINES + 1]
    ]
    if rest:
        text.append(f"and {len(rest)} more, of {sum(int(line[1]) for line in rest)} rows in all")
    return "\n".join(text)


def _densities(labels: NDArray[np.int64], winners: NDArray[np.int64], graph: Graph, d: float) -> dict[int, float]:
    """How dense the rows of each cluster lie: rows for each node in the volume that it stands for; 1 for the densest.

    The volume is that of the cube of the median edge.

    d : the effective dimension of the rows
    """
    lengths = graph.edge_lengths()
    logs = {}
    for number in np.unique(labels[labels >= 0]).tolist():
        nodes = np.zeros(graph.n_nodes, dtype=bool)
        nodes[winners[labels == number]] = True
        inside = nodes[graph.edges].all(axis=1)
        edge = float(np.median(lengths[inside])) if inside.any() else 0.0
        if edge > 0:
            logs[number] = math.log((labels == number).sum() / nodes.sum()) - d * math.log(edge)
    return {number: math.exp(log - max(logs.values())) for number, log in logs.items()}


COMMAND = Command(
    "cluster",
    "Find the clusters of the rows of a table of numbers.",
    [
        Argument(
            ["data"],
            type=File("DATA"),
            about=f"file with a row for each thing: {' '.join(READERS)}; or - for CSV from standard input. A first "
            "line with the names of the columns is found",
        ),
        Option(
            "-o",
            "--out",
            type=File("FILE"),
            help=f"the number of the cluster of each row: {' '.join(WRITERS)}; or - for standard output",
        ),
        Option(
            "--plot",
            type=File("FILE"),
            help=f"picture of rows and graph: {' '.join(_PICTURES)}; of more than two columns, in the two directions "
            "of most spread",
        ),
        clobber_option(),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
        Option("--columns", group="table", type=Text("A,B,..."), help="only these columns, by their names"),
        Option(
            "--skip-text", group="table", is_flag=True, help="leave out columns of text, which are refused otherwise"
        ),
        Option("--array", group="table", type=Text("NAME"), help="which array of an .npz file with several"),
        Option(
            "--standardise/--no-standardise",
            group="table",
            default=True,
            help="give every column the same spread, so that none counts more for its unit (default), or do not",
        ),
        Option(
            "--n-clusters",
            group="clusters",
            type=Whole(),
            help="at most so many: the most prominent (default: all beyond chance)",
        ),
        Option(
            "--min-cluster-size",
            group="clusters",
            type=Whole(),
            help="rows that a cluster must have (default: as suits the number of rows)",
        ),
        Option(
            "--noise",
            group="clusters",
            is_flag=True,
            help="rows where clusters meet, and of hills too small, are in no cluster: -1 in the file",
        ),
        Option(
            "--nodes",
            group="training",
            type=Whole(),
            help="nodes to grow (default: as suits the number of rows)",
        ),
        Option(
            "--epochs",
            group="training",
            type=Number(),
            help="passes over the rows (default: as suits their number)",
        ),
        Option(
            "--seed",
            group="training",
            type=Whole(),
            default=0,
            help="the same seed gives the same clusters (default 0)",
        ),
    ],
    _run,
)
