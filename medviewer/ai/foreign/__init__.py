"""Networks that others trained, brought as a program of their own: what may be in their files, and how they are run."""
