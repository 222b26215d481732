"""Windows that open on top: one file each."""
