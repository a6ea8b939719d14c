"""Makes the next value while the last one is being used, in a thread of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def made_ahead(values: Iterator[T]) -> Iterator[T]:
    """The same values in the same order; one of them is always made in advance.

    Simulating takes the processor, landing waits for the database: together they take the longer
    of the two times.
    """
    done = object()
    with ThreadPoolExecutor(1, thread_name_prefix="demo") as thread:
        coming = thread.submit(next, values, done)
        while (value := coming.result()) is not done:
            coming = thread.submit(next, values, done)
            yield value  # type: ignore[misc]
