"""A folder for servers."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of Postgres may pass through, which pytest's own is not."""
    found = Path(tempfile.mkdtemp(prefix="ecomgr-launch-"))
    found.chmod(0o711)
    yield found
    shutil.rmtree(found, ignore_errors=True)
