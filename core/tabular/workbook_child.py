"""Read one sheet under hard limits and write it as Arrow text columns; run as a script.

It imports nothing of the product: it runs apart, with 512 MB of memory and 60 s of processor.
"""

import contextlib
import datetime as dt
import itertools
import resource
import sys

MEMORY = 512 * 1024 * 1024
SECONDS = 60
BATCH = 20_000
MAX_COLUMNS = 400
REFUSED = 3
EXACT_DIGITS = 1e15  # a spreadsheet keeps fifteen digits; longer numbers are damaged


def main() -> int:
    """Arguments: workbook, target, decimal mark, sheet name (may be empty)."""
    path, target, decimal, sheet = sys.argv[1:5]
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    import pyarrow as pa
    import python_calamine

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + _mapped(), MEMORY + _mapped()))
    try:
        return _convert(pa, python_calamine, (path, target, decimal, sheet))
    except MemoryError:
        return 4
    except python_calamine.CalamineError as error:
        return _refuse(f"The workbook cannot be read: {error}")


def _mapped() -> int:
    """Bytes of address space that the libraries themselves take."""
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
    return MEMORY


def _convert(pa, calamine, arguments) -> int:  # type: ignore[no-untyped-def]
    path, target, decimal, wanted = arguments
    book = calamine.CalamineWorkbook.from_path(path)
    if wanted and wanted not in book.sheet_names:
        return _refuse(f"There is no sheet “{wanted}”; there are: {', '.join(book.sheet_names)}.")
    name = wanted or book.sheet_names[0]
    if not wanted and len(book.sheet_names) > 1:
        sys.stdout.write(f"The workbook has {len(book.sheet_names)} sheets; “{name}” was read.\n")
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return _refuse("The file has no rows.")
    if sheet.width > MAX_COLUMNS:
        return _refuse(f"The file has {sheet.width:,} columns; at most 200 can be read.")
    header_row = sheet.start[0] + 1
    schema = pa.schema([(f"c{at}", pa.string()) for at in range(sheet.width)])
    schema = schema.with_metadata({"header_row": str(header_row)})
    with pa.OSFile(target, "wb") as file, pa.ipc.new_stream(file, schema) as out:
        batch, size = [], 1
        for row in itertools.islice(sheet.iter_rows(), sheet.start[0], None):
            batch.append([_text(value, decimal) for value in row])
            if len(batch) == size:
                _write(pa, out, batch, schema)
                batch, size = [], BATCH
        if batch:
            _write(pa, out, batch, schema)
    return 0


def _write(pa, out, rows, schema) -> None:  # type: ignore[no-untyped-def]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    out.write_batch(pa.record_batch(columns, schema=schema))


def _text(value: object, decimal: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number(value, decimal)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def _number(value: float, decimal: str) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_DIGITS:
        return str(int(value))
    if abs(value) >= EXACT_DIGITS:
        return f"{value:.2E}"
    text = f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < EXACT_DIGITS else repr(value)
    return text.replace(".", decimal)


def _refuse(message: str) -> int:
    sys.stderr.write(message)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
