"""One budget each; those that need a window are in ``ui.bench``."""
