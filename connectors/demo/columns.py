"""Numbers to Arrow columns, without an object per row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Batch
from connectors.demo.world import Bools, Ints
from connectors.streams import STREAMS
from core.columns import AMOUNT, AMOUNT_PLACES, MOMENT, schema_of

CENT_FACTOR = 10 ** (AMOUNT_PLACES - 2)


def amounts(cents: Ints, *, known: Bools | None = None) -> pa.Array:
    """Amounts from whole cents."""
    return _decimals(cents * CENT_FACTOR, known)


def rates(values: Sequence[float]) -> pa.Array:
    """Amounts from numbers of five decimals."""
    whole = np.round(np.array(values) * 10**5).astype(np.int64) * 10 ** (AMOUNT_PLACES - 5)
    return _decimals(whole, None)


def _decimals(scaled: Ints, known: Bools | None) -> pa.Array:
    """decimal128 is 16 bytes, low half first; the high half only carries the sign."""
    pairs = np.empty((len(scaled), 2), dtype=np.int64)
    pairs[:, 0] = scaled
    pairs[:, 1] = scaled >> 63
    array = pa.Array.from_buffers(AMOUNT, len(scaled), [None, pa.py_buffer(pairs.tobytes())])
    if known is None:
        return array
    return pc.if_else(pa.array(known), array, pa.scalar(None, AMOUNT))


def moments(times: Ints, *, per_second: int = 1_000_000) -> pa.Array:
    """Moments from seconds of the epoch, or from microseconds with `per_second=1`."""
    return pa.array(times * per_second, pa.int64()).cast(MOMENT)


def words(names: Sequence[str | None], places: Ints) -> pa.Array:
    """The name at each place; place -1 is empty."""
    places = np.asarray(places)
    known = pa.array(list(names), pa.string())
    found: pa.Array = known.take(pa.array(places, mask=places < 0))
    return found


def numbered(prefix: str, numbers: npt.ArrayLike) -> pa.Array:
    """Ids such as `o-12`."""
    return joined(prefix, pa.array(numbers, pa.int64()).cast(pa.string()))


def joined(*parts: Any, between: str = "") -> pa.Array:
    """The parts of each row put together."""
    found: pa.Array = pc.binary_join_element_wise(*parts, between)
    return found


def batch(stream: str, size: int, columns: Mapping[str, Any]) -> Batch:
    """A batch of the stream: the columns given, the others empty."""
    arrays = []
    schema = schema_of(STREAMS[stream])
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"{stream} has no column {sorted(unknown)}")
    for field in schema:
        value = columns.get(field.name)
        arrays.append(_column(value, field.type, size))
    return Batch(stream, pa.Table.from_arrays(arrays, schema=schema))


def _column(value: Any, kind: pa.DataType, size: int) -> pa.Array:
    if value is None:
        return pa.nulls(size, kind)
    if isinstance(value, str):
        return pa.repeat(pa.scalar(value, kind), size)
    array = value if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value)
    return array if array.type == kind else array.cast(kind)
