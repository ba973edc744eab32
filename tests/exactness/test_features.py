"""What is switched off by default, all together: random combinations, memory, and what is refused.

Against the reference with == after every signal, and by hand.
"""

import numpy as np
import pytest
from beside_reference import last_graph
from samples import DATA, uniform

from gng_fast import GrowingNeuralGas, Network, Signals
from gng_fast.reference import Signals as ReferenceSignals


def random_options(rng, d):
    """Features switched on at random, and parameters."""
    variant = str(rng.choice(["fritzke", "neupy"]))
    options = {
        "source": {"sampling": str(rng.choice(["epochs", "replacement"])), "jitter": float(rng.choice([0, 0.1, 2]))},
        "variant": variant,
        "seed": int(rng.integers(1000)),
        "max_nodes": int(rng.integers(12, 60)),
        "lam": int(rng.integers(1, 15)),
        "max_age": int(rng.integers(1, 25)),
        "eps_b": float(rng.uniform(0.01, 1)),
        "eps_n": float(rng.choice([0, 0.05, 0.3])),
        "decay": float(rng.uniform(0.5, 1)),
        "alpha": float(rng.random()),
        "min_distance": float(rng.choice([0, 0.05])),
    }
    if variant == "fritzke" and rng.random() < 0.6:
        options["utility"] = float(rng.uniform(1.01, 20))
    if rng.random() < 0.5:
        options["anneal"] = (float(rng.uniform(0.001, 1)), float(rng.choice([0, 0.01])), int(rng.integers(0, 400)))
    if rng.random() < 0.6:
        k, m = int(rng.integers(2, 12)), int(rng.integers(0, 15))
        edges = [tuple(int(end) for end in rng.choice(k, 2, replace=False)) for _ in range(m)]
        options["start"] = {
            "nodes": rng.random((k, d)),
            "edges": edges,
            "fixed": rng.random(k) < rng.random(),
            "permanent": rng.random(m) < rng.random(),
        }
    return options


def test_equal_for_random_combinations():
    rng = np.random.default_rng(12)
    for _ in range(100):
        d = int(rng.choice([1, 2, 3, 5, 16]))
        X = DATA[rng.integers(len(DATA))](rng, 100, d).astype(np.float32)
        options = random_options(rng, d)
        if rng.random() < 0.5:
            options["source"]["weights"] = rng.integers(0, 3, 100) * rng.random(100)
        last_graph(X, 150, **options)


def test_memory_is_taken_only_where_it_is_needed():
    plain = Network(2, max_nodes=1000)
    plain.start([[0, 0], [1, 1]], [(0, 1)])
    fixed, permanent = Network(2, max_nodes=1000), Network(2, max_nodes=1000)
    assert plain.nbytes == fixed.nbytes < Network(2, max_nodes=1000, utility=2).nbytes
    fixed.start([[0, 0], [1, 1]], fixed=[True, False])
    permanent.start([[0, 0], [1, 1]], [(0, 1)], permanent=True)
    assert min(fixed.nbytes, permanent.nbytes) > plain.nbytes


def start(**arguments):
    network = Network(2)
    network.start([[0, 0], [1, 1], [2, 2]], [(0, 1), (1, 2)], **arguments)


X = uniform(np.random.default_rng(0), 4, 2)


@pytest.mark.quick
@pytest.mark.parametrize(
    "call, error, message",
    [
        (
            lambda: Signals(X, weights=[1, 2, 3]),
            ValueError,
            r"^weights must have shape \(4,\), one weight for each row of X, got \(3,\)$",
        ),
        (lambda: Signals(X, weights=[1, 2, [3], 4]), ValueError, r"^weights must have shape \(4,\)"),
        (lambda: Signals(X, weights=[1, 2, -3, 4]), ValueError, r"^weights must be in \[0, inf\), got -3.0 in row 2$"),
        (
            lambda: Signals(X, weights=[1, np.nan, 3, 4]),
            ValueError,
            r"^weights must be in \[0, inf\), got nan in row 1$",
        ),
        (
            lambda: Signals(X, weights=[1, np.inf, 3, 4]),
            ValueError,
            r"^weights must be in \[0, inf\), got inf in row 1$",
        ),
        (lambda: Signals(X, weights=[0, 0, 0, 0]), ValueError, "^weights must not all be 0$"),
        (lambda: Signals(X, weights=list("abcd")), TypeError, "^weights must hold real numbers, got dtype <U1$"),
        (
            lambda: Signals(X, "order", weights=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='order'$",
        ),
        (
            lambda: ReferenceSignals(X, "order", weights=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='o",
        ),
        (lambda: Signals(X, jitter=-1), ValueError, r"^jitter must be in \[0, inf\), got -1$"),
        (lambda: Signals(X, jitter=None), TypeError, r"^jitter must be a number in \[0, inf\), got None$"),
        (lambda: Network(2).anneal(5, 0, 10), ValueError, r"^eps_b_end must be in \(0, 1\], got 5$"),
        (lambda: Network(2).anneal(0, 0, 10), ValueError, r"^eps_b_end must be in \(0, 1\], got 0$"),
        (lambda: Network(2).anneal(0.1, -1, 10), ValueError, r"^eps_n_end must be in \[0, 1\], got -1$"),
        (lambda: Network(2).anneal(0.1, 0, -1), ValueError, "^n_signals must be in"),
        (lambda: Network(2, utility=1), ValueError, r"^utility must be in \(1, inf\), got 1$"),
        (lambda: Network(2, utility="x"), TypeError, r"^utility must be a number in \(1, inf\), got 'x'$"),
        (
            lambda: Network(2, utility=3, variant="neupy"),
            ValueError,
            "^utility can only be used with variant='fritzke', got variant='neupy'$",
        ),
        (lambda: start(fixed=[True]), ValueError, r"^fixed must be one bool or have shape \(3,\), got shape \(1,\)$"),
        (
            lambda: start(permanent=[True] * 3),
            ValueError,
            r"^permanent must be one bool or have shape \(2,\), got shape \(3,\)$",
        ),
        (
            lambda: start(fixed=[1, 0, 1]),
            TypeError,
            r"^fixed must be True, False or an array of bools, got \[1, 0, 1\]$",
        ),
        (lambda: start(permanent=None), TypeError, "^permanent must be True, False or an array of bools, got None$"),
        (lambda: Network(2).connect_signals(Signals(X), 1), ValueError, "at least 2 nodes"),
        (lambda: Network(2).connect_signals(None, 1), TypeError, "signals"),
        (lambda: GrowingNeuralGas(jitter=-1).fit(X), ValueError, r"^jitter must be in \[0, inf\), got -1$"),
        (lambda: GrowingNeuralGas(eps_b_end=5).fit(X), ValueError, r"^eps_b_end must be in \(0, 1\], got 5$"),
        (
            lambda: GrowingNeuralGas(eps_n_end="x").partial_fit(X),
            ValueError,
            "^eps_n_end must be 'auto', None or a number",
        ),
        (lambda: GrowingNeuralGas(utility=0.5).fit(X), ValueError, r"^utility must be in \(1, inf\), got 0.5$"),
        (
            lambda: GrowingNeuralGas().fit(X, sample_weight=[1, 2, -3, 4]),
            ValueError,
            r"^sample_weight must be in \[0, inf\), got -3.0 in row 2$",
        ),
        (
            lambda: GrowingNeuralGas(sampling="order").fit(X, sample_weight=[1, 2, 3, 4]),
            ValueError,
            "^weights cannot be used with sampling='order'$",
        ),
    ],
)
def test_bad_arguments_get_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_refused_start_changes_nothing():
    network = Network(2)
    network.start([[0, 0], [1, 1]], [(0, 1)])
    before, n_changes, nbytes = network.graph(), network.n_changes, network.nbytes
    for arguments in {"fixed": [True]}, {"permanent": [True] * 4}:
        with pytest.raises(ValueError, match="must be one bool"):
            network.start([[0, 0], [1, 1], [2, 2]], [(0, 1)], **arguments)
    assert (network.graph(), network.n_changes, network.nbytes) == (before, n_changes, nbytes)
