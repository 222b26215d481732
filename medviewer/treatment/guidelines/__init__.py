"""One file per guideline; they do not import each other."""
