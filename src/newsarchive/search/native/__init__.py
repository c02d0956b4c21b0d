"""The engine of our own: Whoosh's schema, segments, table of contents, lock and storage; NumPy for all else."""
