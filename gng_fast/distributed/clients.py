"""Dask, where it is installed, and a cluster on this machine, where none is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def need_dask():
    """Return the modules dask and distributed; ImportError naming the extra where they are missing."""
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ImportError(f"gng_fast.distributed needs Dask ({error}): pip install 'gng-fast[distributed]'") from error
    return dask, distributed


@contextmanager
def client_or_local(client: Any = None, processes: bool = True) -> Iterator[Any]:
    """The client, or one of a cluster with a process, or a thread, for each core of this machine, which ends with the block.

    Raises TypeError for anything else but a client, ImportError without Dask.
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
