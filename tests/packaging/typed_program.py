# pyright: strict
"""A user's program that uses every public name: `mypy --strict` and pyright's strict mode accept it, and it runs.

    python typed_program.py FOLDER

Files are written to FOLDER. test_typing.py keeps the list of names whole.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import gng_fast
from gng_fast import (
    Graph,
    GrowingNeuralGas,
    Network,
    Signals,
    Surface,
    drawing,
    export,
    image,
    progress,
    recipes,
    reference,
    styles,
    writing,
)

Rows = NDArray[np.float32]


def made_rows(n: int = 400) -> Rows:
    return np.random.default_rng(0).random((n, 2), dtype=np.float32)


def chunks(X: Rows, n: int = 100) -> Iterator[Rows]:
    for start in range(0, len(X), n):
        yield X[start : start + n]


def stop_early(done: int, total: int, model: GrowingNeuralGas) -> bool:
    return model.graph_.n_nodes >= 40 or done > total


def the_estimator(folder: Path) -> GrowingNeuralGas:
    X = made_rows()
    weights: NDArray[np.float64] = np.ones(len(X))
    model = GrowingNeuralGas(
        40,
        eps_b=0.2,
        eps_n=0.006,
        max_age=50,
        lam=20,
        alpha=0.5,
        decay=0.995,
        n_epochs=2,
        variant="fritzke",
        sampling="epochs",
        init=None,
        fixed_init=False,
        n_start_nodes=2,
        jitter=0.0,
        eps_b_end=0.02,
        eps_n_end=None,
        utility=None,
        min_distance=0.0,
        refine=False,
        clusters="density",
        n_clusters=None,
        min_cluster_size=5,
        noise=True,
        random_state=0,
        n_jobs=1,
    )
    model = GrowingNeuralGas(None, n_epochs=None, eps_b_end="auto", eps_n_end="auto").set_params(**model.get_params())
    model = model.fit(X, sample_weight=weights, callback=stop_early, callback_every=100)
    clusters: NDArray[np.int64] = model.labels_
    model = model.partial_fit(chunks(X)).partial_fit(X[:10], sample_weight=weights[:10])
    model = model.reconnect(X, sample_weight=weights, n_epochs=0.5)
    labels: NDArray[np.int64] = model.predict(X)
    model = model.cluster().cluster(X, sample_weight=weights)
    strengths: NDArray[np.float64] = model.membership(X)
    n_clusters: int = model.n_clusters_
    diagram = model.persistence_
    tau: float = diagram.tau
    of_nodes: NDArray[np.int64] | None = model.graph_.clusters
    assert len(strengths) == len(labels) and tau > 0 and n_clusters > 0 and of_nodes is not None
    diagram.save(io.BytesIO())
    nearest: NDArray[np.int64] = model.nearest(X)
    distances: NDArray[np.float32] | NDArray[np.float64] = model.transform(X)
    history: NDArray[np.float64] = model.history_
    error: float = model.quantization_error(X)
    score: float = model.score(X, sample_weight=weights)
    topographic_error: float = model.topographic_error(X)
    both: tuple[NDArray[np.int64], NDArray[np.float64]] = model.nearest(X, return_distance=True)
    assert 0 <= topographic_error <= 1 and len(both[1]) == len(X) and issubclass(gng_fast.GrowthWarning, UserWarning)
    assert len(labels) == len(nearest) == len(distances) == len(clusters) == len(X)
    assert len(history) > 0 and error > 0 > score
    model.save(folder / "model.npz")
    again: GrowingNeuralGas = GrowingNeuralGas.load(folder / "model.npz")
    same: GrowingNeuralGas = again.set_params(max_age=60)
    parameters: dict[str, object] = dict(same.get_params())
    assert parameters["max_age"] == 60 and again.n_features_in_ == 2
    return model


def the_core(folder: Path) -> Network:
    X = made_rows()
    signals = Signals(X, "replacement", weights=np.ones(len(X)), jitter=0.01)
    network = Network(
        2, seed=1, search="auto", max_nodes=50, eps_b=0.2, eps_n=0.006, max_age=50, lam=10, alpha=0.5, decay=0.995,
        variant="fritzke", min_distance=0.0, utility=None,
    )  # fmt: skip
    network.draw_start_nodes(signals)
    network.anneal(0.01, None, 1000)
    try:
        network.train(signals, 1000)
    except gng_fast.TrainingStopped:
        network.stop()
    mean_distance: float = network.take_mean_distance()
    nodes, distances = network.nearest(X, n_jobs=1)
    two_nodes, _ = network.two_nearest(X)
    assert nodes.dtype == np.int64 and distances.shape == (len(signals),) and two_nodes.shape == (len(X), 2)
    assert mean_distance > 0 and network.n_nodes == 50 and network.n_signals == 1000 and network.nbytes > 0
    network.save(folder / "network.npz")
    again: Network = Network.load(folder / "network.npz")
    again.clear_edges()
    again.connect_signals(signals, 100)
    fresh = Network(2)
    fresh.start([[0.5, 0.5], [0.6, 0.6]], [(0, 1)], fixed=True, permanent=[True])
    assert gng_fast.isa() in gng_fast.available_isas()
    assert gng_fast.get_include().endswith("include")
    return network


def graphs(trained: Graph) -> Graph:
    plain = Graph(np.zeros((3, 2), np.float32), np.array([[0, 1], [1, 2]]))
    aged = Graph([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [(0, 1), (1, 2), (0, 2)], ages=[1, 2, 3], errors=[0.0, 0.5, 1.0])
    # without ages all are 0: there is an array in any case
    oldest: int = int(plain.ages.max()) + int(aged.ages.max())
    largest: float = float(plain.errors.max()) + float(aged.errors.max())
    components: NDArray[np.int64] = trained.components
    part: Graph = trained.subgraph(components == 0)
    corners: NDArray[np.int64] = aged.triangles()
    faces: list[NDArray[np.int64]] = aged.faces()
    path, length = aged.shortest_path((0.0, 0.0), (0.0, 1.0))
    paths: list[tuple[NDArray[np.int64], float]] = aged.shortest_paths(0, [2, (0.0, 0.0)])
    apart: NDArray[np.float64] = aged.distances(0)
    edge, position, distance = aged.project([[0.5, 0.1]])
    tree: Graph = trained.backbone()
    assert len(paths) == 2 and apart.shape == (3,) and edge.shape == position.shape == distance.shape
    assert tree.n_nodes == trained.n_nodes and tree.clusters is not None
    again: Graph = Graph.from_networkx(aged.to_networkx(), pos=("x", "y"), dtype=np.float64)
    assert again == aged and hash(again) == hash(aged)
    assert oldest == 3 and largest == 1.0 and part.n_nodes <= trained.n_nodes and length > 0
    assert len(corners) == 1 and len(faces) >= 1 and len(path) == 2 and aged.n_components == 1
    assert aged.degrees.tolist() == [2, 2, 2] and len(aged.edge_lengths()) == aged.n_edges == aged.n_features + 1
    return aged


def surfaces(folder: Path) -> Surface:
    directions = np.random.default_rng(0).normal(size=(100, 3))
    sphere = Graph(directions / np.linalg.norm(directions, axis=1, keepdims=True), np.empty((0, 2), np.int64))
    surface: Surface = sphere.surface(smooth=False, progress=lambda stage, share: share > 1)
    vertices: NDArray[np.float64] = surface.vertices
    triangles: NDArray[np.int64] = surface.triangles
    assert vertices.shape == surface.normals.shape == (surface.n_vertices, 3) and len(triangles) == surface.n_triangles
    assert surface.euler_characteristic == 2 and surface.area > surface.volume > 0 and len(surface.nodes) == 100
    surface.save(folder / "sphere.ply")
    surface.save(io.BytesIO(), format=".stl")
    return surface


def pictures() -> recipes.Points:
    assert (
        "horse" in image.BUILT_IN
        and "otsu" in image.THRESHOLDS
        and image.LOAD_LIMIT > image.AUTO_PIXELS > image.MAX_BLUR > 0
    )
    assert "PNG" in image.FORMATS
    loaded: NDArray[np.generic] = image.load("camera", frame=None)
    box = (100, 50, 200, 200)
    grey: NDArray[np.float32] | NDArray[np.float64] = image.grey(image.crop(loaded, box))
    small = image.shrink(image.blur(image.negative(grey), 0.6), 10_000)
    mask: NDArray[np.bool_] = image.threshold(small, "otsu", offset=0.0, block_size=35, classes=3)
    level = image.level_set(small, "local")
    X = image.points(mask)
    dark, shape = image.dark_points("horse", blur=image.ARTICLE_BLUR, offset=image.ARTICLE_OFFSET)
    prepared = image.prepare("astronaut", crop=image.PORTRAIT_CROP, blur=0.6, max_pixels=10_000)
    assert X.shape[1] == dark.shape[1] == image.article_points().shape[1] == 2
    assert level.shape == mask.shape and prepared.ndim == 2
    try:
        image.load("no such picture.png")
    except image.ImageError as error:
        assert "no such picture" in str(error)
    x_min, y_min, x_max, y_max = image.extent(shape)
    assert x_min < x_max and y_min < y_max
    return recipes.Points(dark, image.extent(shape))


def pages(graph: Graph) -> drawing.Drawing:
    fit: drawing.PageFit = drawing.fit_page((0.0, 0.0, 1.0, 1.0), size=100.0, margin=5.0)
    width, height = drawing.page_size("a4")
    assert (width, height) == drawing.PAGES["a4"]
    assert (width, height) == (drawing.millimetres("21cm"), drawing.millimetres("297"))
    colour, pen = "#102030", 0.3
    drawing.check_colour("colour", colour)
    lines = tuple(fit(graph.nodes[edge]) for edge in graph.edges)
    layer = drawing.Layer("lines", colour, pen, lines)
    area = drawing.Area(colour, fit(graph.nodes[:3]))
    page = drawing.Drawing(fit.width, fit.height, (layer,), background="#ffffff", areas=(area,))
    return drawing.plan(page, retrace=False)


def watched() -> None:
    told: list[tuple[str, float]] = []

    def callback(stage: str, fraction: float) -> bool:
        told.append((stage, fraction))
        return False

    listener: progress.Progress = callback
    with progress.watching(listener):
        progress.report(progress.STAGES[0], 0.0)
        progress.check()
        with progress.part(0.0, 0.5):
            total: int = progress.stoppable(sum, progress.checked([1, 2, 3], every=2))
    assert total == 6 and told[0] == ("loading", 0.0)
    try:
        with progress.watching(lambda stage, fraction: True):
            progress.check()
    except progress.Stopped as error:
        print(error)


def looks(folder: Path) -> None:
    points: recipes.Points = pictures()
    options: dict[str, object] = {"nodes": 60, "seed": 0}
    recipes.check_options("mesh", options)
    assert recipes.defaults("mesh")["seed"] == 0
    offered: tuple[recipes.Option, ...] = recipes.options("mesh")
    assert {option.name for option in offered} <= set(recipes.TABLE) and offered[0].help
    assert recipes.CALLS > 0 and "plotter" in recipes.PRESETS and set(recipes.GROWING) <= set(recipes.STYLES)
    assert recipes.defaults("mesh")["nodes"] > 60
    command: str = recipes.command_line("horse", "mesh", options)
    assert command.startswith("gng-fast draw horse")
    model: GrowingNeuralGas = recipes.train(points, nodes=60, seed=0)
    graph = model.graph_
    mesh: drawing.Drawing = styles.mesh(graph, pen=0.3, extent=points.extent)
    picture = image.over_white(image.load("astronaut"))
    colours: NDArray[np.float64] = picture[:328, :400] / 255.0
    darkness: NDArray[np.float64] = 1.0 - colours.mean(axis=2)
    drawings = [
        mesh,
        styles.tone(graph, darkness),
        styles.stipple(graph, darkness),
        styles.lowpoly(graph, colours),
        styles.glass(graph, colours),
        styles.glow(graph, colours, n_colours=4),
        recipes.draw("horse", nodes=60),
        pages(graph),
    ]
    assert all(each.n_strokes > 0 or each.areas for each in drawings)
    artwork: recipes.Artwork = recipes.make("horse", "shape", nodes=60)
    try:
        recipes.make("horse", "shape", nodes=60, progress=lambda stage, fraction: stage == "training")
    except recipes.Stopped as stopped:
        assert "training" in recipes.STAGES and "training" in str(stopped)
    content: bytes = artwork.to_bytes(".svg")
    artwork.save(folder / "artwork.svg", progress=lambda stage, fraction: False)
    assert content == (folder / "artwork.svg").read_bytes()
    growing, growth = recipes.growth("horse", "mesh", 3, nodes=60)
    assert artwork.graph.n_nodes > 0 and growing.draw is not None and recipes.points_of("horse").shape == (328, 400)
    frames = [growing.draw(each) for each in growth]
    files(folder, graph, mesh, frames)


def files(folder: Path, graph: Graph, mesh: drawing.Drawing, frames: list[drawing.Drawing]) -> None:
    export.save(folder / "saved.svg", drawing=mesh)
    export.save(folder / "saved.json", graph=graph)
    kind: export.Format = export.format_of("x.svg")
    assert kind.takes == "drawing" and ".svg" in export.FORMATS and ".gif" in export.ANIMATIONS
    export.write_npz(graph, folder / "graph.npz")
    export.write_json(graph, folder / "graph.json")
    export.write_graphml(graph, folder / "graph.graphml")
    export.write_gml(graph, folder / "graph.gml")
    again: Graph = export.read_npz(folder / "graph.npz")
    assert again == export.read_json(folder / "graph.json") == graph
    text: str = export.to_svg(mesh)
    export.write_svg(mesh, folder / "mesh.svg")
    export.write_png(mesh, folder / "mesh.png", pixels=100)
    assert "<svg" in text and max(export.render(mesh, 100).size) == 100
    export.write_gif(frames, folder / "growth.gif", pixels=60)
    export.write_apng(frames, folder / "growth.png", pixels=60)
    export.write_html(frames, folder / "growth.html")


def ink() -> drawing.Drawing:
    page: NDArray[np.uint8] = np.full((60, 200), 255, np.uint8)
    for left in (20, 100):
        for letter in range(left, left + 60, 20):
            page[25:40, letter : letter + 4] = 0
            page[25:29, letter : letter + 14] = 0
    words: writing.Words = writing.find_words(page, progress=lambda stage, fraction: False)
    hand: writing.Handwriting = writing.trace_handwriting(page, progress=None)
    assert words.count == len(words.boxes) == 2 and words.to_json()
    assert words.drawing(size=100.0, margin=2.0, pen=None).layers and hand.drawing(pen=0.5, progress=None).layers
    return writing.strokes(hand.graph, width=hand.width, excess=hand.excess, outline=hand.outline)


def the_reference() -> Graph:
    network = reference.ReferenceNetwork(2, seed=1, max_nodes=10, lam=10)
    signals = reference.Signals(made_rows(50), "epochs")
    network.draw_start_nodes(signals)
    network.train(signals, 100)
    first: int = reference.Generator(1).next_random()
    assert first >= 0
    return network.graph()


def many_machines(folder: Path) -> None:
    from gng_fast import distributed

    np.save(folder / "rows.npy", made_rows())
    rows: Rows = np.load(folder / "rows.npy", mmap_mode="r")
    model: GrowingNeuralGas = distributed.fit(rows, max_nodes=20, random_state=0)
    assert model.graph_.n_nodes == 20
    assert np.array_equal(distributed.predict(model, rows).compute(), model.predict(rows))
    drawn: list[distributed.Drawn] = distributed.draw_many(["horse"], folder / "drawn", nodes=60)
    assert [each.error for each in drawn] == [None]


def main(folder: Path) -> None:
    model = the_estimator(folder)
    network = the_core(folder)
    graph = graphs(model.graph_)
    surfaces(folder)
    assert the_reference().n_nodes <= network.graph().n_nodes
    watched()
    looks(folder)
    assert ink().n_strokes > 0 and graph.n_nodes == 3
    many_machines(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
