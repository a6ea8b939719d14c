"""Where the real sample data lies; it is never part of the repository."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = Path(os.environ.get("ECOMGR_SAMPLE_DATA", ROOT.parent / "shared" / "data"))


def sample_path(name: str) -> Path:
    """The sample file or folder; the test is skipped without it, but fails on CI."""
    path = SAMPLES / name
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Sample data {name} is missing on CI.")
        pytest.skip(f"Sample data {name} is not on this machine.")
    return path
