"""What all values of this package share: they are validated when made, and never change afterwards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown field is an error, so a misspelt one cannot be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
