"""How a film was taken: its view, as a word or as a code (PS3.16 CID 4014)."""

from medviewer.dicom.headers.elements import items, number
from medviewer.dicom.headers.raw import Values, text

_CODE = number(0x0008, 0x0100)
# SNOMED CT, and the SRT codes that older files have.
_VIEWS = {
    "399162004": "CC", "R-10242": "CC",
    "399368009": "MLO", "R-10226": "MLO",
    "399260004": "ML", "R-10224": "ML",
    "399352003": "LM", "R-10228": "LM",
    "399099002": "LMO", "R-10230": "LMO",
    "399196006": "FB", "R-10244": "FB",
    "399192008": "XCCL", "399101009": "XCCM",
    "399188001": "SIO", "441555000": "ISO",
}  # fmt: skip


def view_position(v: Values, explicit: bool) -> str:
    """Return the view of a film in capitals, as PA, LL, CC or MLO; empty where the file does not say it."""
    said = text(v.get("view_position", b"")).upper()
    if said:
        return said
    codes = items(v.get("view_code", b""), explicit, frozenset({_CODE}))
    return _VIEWS.get(text(codes[0].get(_CODE, b"")), "") if codes else ""
