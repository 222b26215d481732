"""From the bytes of an image to its values and colours; what runs native code runs in the decode workers."""
