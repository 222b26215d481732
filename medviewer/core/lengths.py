"""What a length measured on an image means."""

from medviewer.core.study import Header, SpacingKind
from medviewer.i18n import N_, Message

_LABELS: dict[SpacingKind, Message] = {
    "plane": N_("mm"),
    "calibrated": N_("mm"),
    "region": N_("mm"),
    "detector": N_("mm at the detector"),
    "nominal": N_("mm, nominal"),
}
_EXPLAINED: dict[SpacingKind, Message] = {
    "calibrated": N_("Lengths are calibrated."),
    "region": N_("Lengths hold inside the scan region."),
    "nominal": N_("Lengths are nominal, as given in the file; they are not calibrated."),
}


def length_label(header: Header) -> Message:
    """Return the unit of lengths on this image, with what it is measured at; pixels where no millimetre is known."""
    return _LABELS[spacing_kind(header)] if spacing_kind(header) else N_("px")


def spacing_kind(header: Header) -> SpacingKind:
    """Return what the pixel spacing measures; a spacing of unknown kind is the plane's, none is empty."""
    return "" if header.pixel_spacing_mm is None else header.spacing_kind or "plane"


def length_note(header: Header) -> Message | None:
    """Say in a sentence what the reader should know of lengths beyond their label; None where there is nothing."""
    kind = spacing_kind(header)
    if kind == "detector" and header.magnification is not None and header.magnification > 1.0:
        return N_(
            "Lengths are at the detector; divide by {factor} (magnification).", factor=f"{header.magnification:.3g}"
        )
    return _EXPLAINED.get(kind)
