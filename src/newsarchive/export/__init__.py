"""The records, in the formats of others."""
