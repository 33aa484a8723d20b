"""django-oauth-toolkit in a tutorial's project; BENCH_TUNED=1 gives it what costs only configuration."""
