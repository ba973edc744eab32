"""The rows of proof.py: what each one does, and what it must show."""

from collections.abc import Callable
from typing import NamedTuple

import tasks


class Row(NamedTuple):
    """`must` is the largest ratio of times to the other build, `ahead_of` that to other packages and other data.

    `limit_ns` is the longest time in itself.
    """

    name: str
    prepare: Callable[[bool], tasks.Task]
    must: float | None = None
    ahead_of: float | None = None
    limit_ns: float | None = None
    slow: bool = False


NETWORKS = (
    Row("2-D 1k uniform", tasks.steady(2, 1000, numpy=True), 0.70),
    Row("2-D 10k uniform", tasks.steady(2, 10_000, numpy=True), 0.66),
    Row("2-D 100k uniform", tasks.steady(2, 100_000, numpy=True), 0.71, slow=True),
    Row("2-D 10k uniform, shuffled", tasks.steady(2, 10_000, sampling="epochs")),
    Row("2-D 100k uniform, shuffled", tasks.steady(2, 100_000, sampling="epochs"), slow=True),
    Row("2-D 10k clustered", tasks.steady(2, 10_000, tasks.clustered, numpy=True), 0.74),
    Row("2-D 100k clustered", tasks.steady(2, 100_000, tasks.clustered, numpy=True), 0.79, slow=True),
    Row("3-D 1k uniform", tasks.steady(3, 1000, numpy=True), 0.57),
    Row("3-D 10k uniform", tasks.steady(3, 10_000, numpy=True), 0.59),
    Row("16-D 1k blobs", tasks.steady(16, 1000, tasks.blobs, numpy=True), 0.90),
    Row("16-D 10k blobs", tasks.steady(16, 10_000, tasks.blobs, numpy=True), 0.80),
    Row("128-D 1k blobs", tasks.steady(128, 1000, tasks.blobs, numpy=True), 0.72),
    Row("128-D 10k blobs", tasks.steady(128, 10_000, tasks.blobs, numpy=True), 0.40, slow=True),
    Row("the article's fit", tasks.article, 0.73),
)

SMALL = (
    Row("2-D N=10 uniform", tasks.steady(2, 10), 0.65),
    Row("2-D N=30 uniform", tasks.steady(2, 30), 0.55),
    Row("2-D N=60 uniform", tasks.steady(2, 60), 0.50),
    Row("3-D N=30 uniform", tasks.steady(3, 30), 0.52),
    Row("8-D N=30 uniform", tasks.steady(8, 30), 0.65),
    Row("16-D N=30 uniform", tasks.steady(16, 30), 0.70),
)

GROWN = tuple(
    Row(f"{d}-D uniform, grown to 1k", tasks.growth(d), must)
    for d, must in ((4, 0.60), (8, 0.65), (16, 0.60), (32, 0.30), (64, 0.40), (128, 0.38))
)

CALLS = (
    Row("nearest, 2-D 10k", tasks.lookup(2, 10_000), 1.0, ahead_of=1.0),
    Row("nearest, 8-D 1k", tasks.lookup(8, 1000), 0.25, ahead_of=1.0),
    Row("nearest, 32-D 1k", tasks.lookup(32, 1000), 0.12, ahead_of=1.0),
    Row("nearest, 128-D 1k", tasks.lookup(128, 1000), 0.20, ahead_of=1.0),
    Row("transform, 128-D, 5k rows x 1k", tasks.transform(128, 1000, 5000), ahead_of=1.0),
    Row("GNG-U, 100k nodes, lam 3", tasks.gng_u(100_000), limit_ns=4000),
    Row("GNG-U, few of 100k nodes, lam 3", tasks.gng_u(2), limit_ns=4000),
    Row("digits, 64-D", tasks.digits, ahead_of=1.1),
    Row("partial_fit + predict of a row, 100k", tasks.single_rows(100_000), limit_ns=50_000, slow=True),
)

ROWS = NETWORKS + SMALL + GROWN + CALLS
