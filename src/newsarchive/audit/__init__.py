"""Is what is stored what was written? Reads everything again and holds each thing against what it was made from."""

from newsarchive.audit.verification import Lag, Verification, verify

__all__ = ["Lag", "Verification", "verify"]
