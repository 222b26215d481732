"""Pictures and measures: pure functions of voxels and their geometry, numpy in and numpy out."""
