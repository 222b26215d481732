"""One image as a losslessly compressed copy."""

from pathlib import Path


def compress(source: Path, target: Path) -> Path:
    """Write ``source``, an uncompressed single-frame image, to ``target`` as lossless JPEG-LS, every pixel kept.

    Raises pydicom's or the encoder's error for what is no such image. Source: DICOM PS3.5 A.4.3.
    """
    import pydicom
    from pydicom.uid import JPEGLSLossless

    image = pydicom.dcmread(source)
    image.compress(JPEGLSLossless, generate_instance_uid=False)
    image.save_as(target)
    return target
