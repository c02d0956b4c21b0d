"""What `scripts/bench extraction` is made of: the sets, the systems, the measures, the runner and the report."""
