"""gng-fast surface: the closed surface that points in space lie on, as a mesh."""

import time

import click

from gng_fast.cli.clouds import READERS, read_cloud
from gng_fast.cli.command import Argument, Command, Option, given
from gng_fast.cli.kinds import File, Number, Text, Whole, Words
from gng_fast.cli.options import clobber_option
from gng_fast.cli.places import called, check_out, ending_for, tell, write_to
from gng_fast.cli.progress import Progress
from gng_fast.cli.tables import READERS as TABLE_READERS
from gng_fast.graph.mesh_files import WRITERS
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import check

# What the model calls the options that it is given.
_PARAMETERS = {"nodes": "max_nodes", "epochs": "n_epochs", "seed": "random_state"}


def _run(ctx: click.Context) -> None:
    """file -> points -> network -> surface -> file."""
    cloud, out, columns = ctx.params["cloud"], ctx.params["out"], ctx.params["columns"]
    ending = ending_for(out, ctx.params["format"], WRITERS)
    check_out(out, [cloud], ctx.params["force"], ending, "cloud")
    started = time.perf_counter()
    # checked here, so that messages call them as the options are called
    chosen = {_PARAMETERS[name]: check(name, value) for name, value in given(ctx, *_PARAMETERS).items()}
    with Progress(ctx.params["quiet"], "reading the points", after="finding the surface") as progress:
        points = read_cloud(cloud, columns and columns.split(","), progress.share)
        graph = GrowingNeuralGas(**chosen, n_jobs=-1).fit(points, callback=progress.trained).graph_
        surface = graph.surface(smooth=ctx.params["smooth"], progress=lambda _, share: progress.share(share))
        progress.stage("writing")
        write_to(out, lambda target: surface.save(target, format=ending))
    if not ctx.params["quiet"]:
        tell(
            out,
            f"{called(out)}: {len(points)} points, {surface.n_vertices} vertices, {surface.n_triangles} triangles, "
            f"Euler characteristic {surface.euler_characteristic}, {time.perf_counter() - started:.2f} s",
        )


COMMAND = Command(
    "surface",
    "Make a mesh of points on a closed surface: watertight, and with noise taken out.",
    [
        Argument(
            ["cloud"],
            type=File("CLOUD"),
            about=f"file of points in space: {' '.join([*READERS, *TABLE_READERS])}; or - for CSV from standard input",
        ),
        Option(
            "-o",
            "--out",
            required=True,
            type=File("FILE"),
            help=f"mesh to write: {' '.join(WRITERS)}; or - for standard output",
        ),
        Option(
            "--format",
            type=Words(ending[1:] for ending in WRITERS),
            help="what is written to standard output (default ply)",
        ),
        clobber_option(),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
        Option(
            "--columns",
            type=Text("X,Y,Z"),
            help="the columns of a table with the coordinates, by name (default: x,y,z, or the first three)",
        ),
        Option(
            "--smooth/--no-smooth",
            default=True,
            help="move vertices onto the smooth surface through those around them (default), or leave them where the "
            "nodes are: corners stay sharp, and noise stays",
        ),
        Option(
            "--nodes",
            group="training",
            type=Whole(),
            help="vertices of the mesh (default: as suits the number of points, at most 2000)",
        ),
        Option(
            "--epochs",
            group="training",
            type=Number(),
            help="passes over the points (default: as suits their number)",
        ),
        Option(
            "--seed", group="training", type=Whole(), default=0, help="the same seed gives the same mesh (default 0)"
        ),
    ],
    _run,
)
