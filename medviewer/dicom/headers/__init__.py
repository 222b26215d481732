"""From the bytes of a file to its headers: elements, texts of any character set, frames, what modalities add."""
