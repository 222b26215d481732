"""One file per published risk model; they do not import each other."""
