"""The vocabulary: dataclasses and numpy, nothing else."""
