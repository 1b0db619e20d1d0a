"""Many episodes: sources, jobs, the pool of workers, limits, progress."""
