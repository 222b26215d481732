"""Tasks for the engine's tests: well behaved ones and others; the worker finds them as it finds the real ones."""
