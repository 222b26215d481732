"""Which candidates of a nodule reading hold; the same rule judges fields in training and whole scans.

Of the regions scored 0.7 and more on the val split it leaves 267 of 277 true and 71 of 98 false ones standing.
"""

from medviewer.ai.nodules.candidates import Millimetres, elongation, largest_diameter_mm, thickness
from medviewer.core.mask import Mask

SMALLEST_MM = 3.0  # smaller ones are micronodules: below the size any guideline follows, and mostly vessels
LONGEST = 2.2  # times as long as wide: vessels
FLATTEST = 0.3  # as high as wide: domes of the diaphragm, fissures
THIN_MM = 2.4  # where slices are closer than this, a nodule is on more than one


def keeps(mask: Mask, spacing_kji_mm: Millimetres) -> bool:
    """Whether a region has the size and the form of a nodule."""
    return (
        largest_diameter_mm(mask, spacing_kji_mm) >= SMALLEST_MM
        and (len(mask.voxels) > 1 or spacing_kji_mm[0] >= THIN_MM)
        and thickness(mask, spacing_kji_mm) >= FLATTEST
        and elongation(mask, spacing_kji_mm) <= LONGEST
    )
