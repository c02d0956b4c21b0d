"""The process that can be broken, and the undisturbed run that it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.breaking import River, build_shim, fast_folder
from tests.faults.trial import Proving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory, if there is one."""
    with fast_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def river(memory: Path) -> Iterator[River]:
    """Forks processes whose calls can be broken."""
    shim = build_shim(memory)
    if shim is None:
        pytest.skip("there is no C compiler: calls of the system cannot be made to fail")
    with River(shim) as river:
        yield river


@pytest.fixture(scope="module")
def proving(river: River, memory: Path) -> Proving:
    """An undisturbed run."""
    return Proving(river, memory)
