"""Test collections, measures of a ranking, and the systems that are compared by `scripts/bench relevance`."""
