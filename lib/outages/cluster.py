"""How are reports made on other machines? A Dask cluster runs them and gives the pages back."""

from collections.abc import Iterator, Sequence

from outages.errors import InputError
from outages.render import Job
from outages.warm import Result


class ClusterError(InputError):
    """A cluster that cannot be used; the message says why and what to do."""


def run_all(jobs: Sequence[Job], scheduler: str) -> Iterator[Result]:
    """Run reports on a cluster and yield each result as it comes."""
    raise ClusterError(f"--scheduler {scheduler}: not available")
