"""Where a finding is on one source image."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from medviewer.core.finding import Finding, Point
from medviewer.core.study import Header
from medviewer.dicom.stacks.stack import normal


def nearest(images: Sequence[Header], lps_mm: Point) -> Header:
    """Return the image whose plane is nearest to a point in LPS mm; the first where none says where it is."""

    def away_mm(header: Header) -> float:
        if header.position_lps_mm is None or header.orientation is None:
            return float("inf")
        return float(abs((np.asarray(lps_mm) - header.position_lps_mm) @ normal(header.orientation)))

    return min(images, key=away_mm)


def outline(found: Finding, image: Header) -> Any:
    """Return the finding's box as a closed line on ``image`` (highdicom ImageRegion); None without geometry."""
    if image.position_lps_mm is None or image.orientation is None or image.pixel_spacing_mm is None:
        return None
    from highdicom.sr import ImageRegion, SourceImageForRegion

    corners = np.array(np.meshgrid(*zip(*found.box_lps_mm, strict=True))).reshape(3, -1).T - image.position_lps_mm
    row_mm, column_mm = image.pixel_spacing_mm
    across = corners @ np.asarray(image.orientation[:3]) / column_mm + 0.5  # pixel centres lie at .5 in SCOORD
    down = corners @ np.asarray(image.orientation[3:]) / row_mm + 0.5
    left, right = np.clip([across.min(), across.max()], 0, image.columns)
    top, bottom = np.clip([down.min(), down.max()], 0, image.rows)
    line = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return ImageRegion("POLYLINE", np.array(line), SourceImageForRegion(image.sop_class, image.sop_uid))
