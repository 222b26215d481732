"""The library in the window: its dialog, the studies opened last, and the way to the catalogue and back."""
