"""How a chest CT is read for nodules: first look, second look, scores, outlines, descriptions."""
