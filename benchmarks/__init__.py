"""Measures this service beside its peers: ``python -m benchmarks --help``. See docs/performance.md."""
