"""What all values of this package share: they are validated when made, and never change afterwards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown field is an error, so a misspelt one cannot be lost in silence."""

    # Built when first used: a search makes few of these values, and building all of them costs 0.1 s of CPU.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
