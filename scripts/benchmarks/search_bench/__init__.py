"""The parts of `scripts/bench search`: the made corpus, the questions, the engines, the figures."""
