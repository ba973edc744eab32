"""What Hypothesis draws in more than one module of tests."""

from hypothesis import strategies as st

RATES = st.floats(2**-20, 1, width=32)
#: Every parameter of a network, as named arguments.
PARAMETERS = st.fixed_dictionaries(
    {
        "max_nodes": st.integers(2, 40),
        "eps_b": RATES,
        "eps_n": st.one_of(st.just(0.0), RATES),
        "max_age": st.integers(1, 60),
        "lam": st.integers(1, 30),
        "alpha": st.floats(0, 1),
        "decay": st.floats(0.5, 1),
        "variant": st.sampled_from(["fritzke", "neupy"]),
        "min_distance": st.sampled_from([0.0, 0.01, 0.2]),
        "utility": st.one_of(st.none(), st.floats(1.01, 20)),
    }
)
