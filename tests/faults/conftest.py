"""The process that can be broken, and the undisturbed run that it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.breaking import River, build_shim
from tests.faults.trial import Proving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    """Forks processes whose calls can be broken."""
    shim = build_shim(tmp_path_factory.mktemp("shim"))
    if shim is None:
        pytest.skip("there is no C compiler: calls of the system cannot be made to fail")
    with River(shim) as river:
        yield river


@pytest.fixture(scope="module")
def proving(river: River, tmp_path_factory: pytest.TempPathFactory) -> Proving:
    """An undisturbed run."""
    return Proving(river, tmp_path_factory.mktemp("proving"))
