"""Objects that are no images: segments, contours, reports, documents; what they say and where they belong."""

from medviewer.dicom.objects.layers import load_layers
from medviewer.dicom.objects.references import NOT_HERE, target

__all__ = ["NOT_HERE", "load_layers", "target"]
