"""Dask, where it is installed, and a cluster on this machine, where none is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gng_fast.optional import need


def need_dask() -> tuple[Any, Any]:
    """Return the modules dask and distributed; ImportError naming the extra where they are missing."""
    return need("dask", "gng_fast.distributed"), need("distributed", "gng_fast.distributed")


def delayed(thing: Any, n_out: int | None = None) -> Any:
    """The function or value as Dask's delayed object, which is named anew at each call; it gives `n_out` results."""
    return need_dask()[0].delayed(thing, pure=False, nout=n_out)


@contextmanager
def client_or_local(client: Any = None, processes: bool = True) -> Iterator[Any]:
    """The client, or one of a cluster on this machine, which ends with the block.

    The cluster has a process, or else a thread, for each core. Raises TypeError for anything else but a client,
    ImportError without Dask.
    """
    distributed = need_dask()[1]
    if client is not None:
        if not isinstance(client, distributed.Client) or client.asynchronous:
            raise TypeError(f"client must be a distributed.Client that is not asynchronous, or None, got {client!r}")
        yield client
        return
    # threads in one process, or processes of one thread
    workers = {"threads_per_worker": 1} if processes else {"n_workers": 1}
    with (
        distributed.LocalCluster(processes=processes, dashboard_address=":0", **workers) as cluster,
        distributed.Client(cluster) as local,
    ):
        yield local
