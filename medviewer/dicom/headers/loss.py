"""Which transfer syntaxes lose detail: the one table for headers, checks and captions (DICOM PS3.5 A.4, PS3.6 A)."""

_JPEG = "1.2.840.10008.1.2.4."
LOSSY = frozenset(_JPEG + end for end in ("50", "51", "52", "53", "54", "55", "56", "59", "60", "61", "62", "63", "64"))
NEAR_LOSSLESS = _JPEG + "81"
MAYBE_LOSSY = frozenset(_JPEG + end for end in ("91", "93", "111", "112", "203"))  # the file may say which


def may_lose(transfer_syntax: str) -> bool:
    """Whether images in that syntax may have lost detail, for all that it says."""
    return transfer_syntax in LOSSY or transfer_syntax == NEAR_LOSSLESS or transfer_syntax in MAYBE_LOSSY
