"""Which parts of the body a series shows, as far as its header says so."""

from medviewer.core.study import Header

Parts = frozenset[str]
# Beginnings of words of Body Part Examined (PS3.16 Annex L), by the part they lie in.
_WORDS = {
    "head": ("HEAD", "BRAIN", "SKULL", "FACE", "ORBIT", "SINUS", "MAXILLA", "MANDIBLE", "JAW"),
    "neck": ("NECK", "CSPINE", "CERVICAL", "LARYNX", "THYROID"),
    "chest": ("CHEST", "THORA", "LUNG", "HEART", "CARDIAC", "CORONARY", "TSPINE", "RIB", "STERNUM"),
    "belly": ("ABD", "LIVER", "KIDNEY", "PANCREA", "LSPINE", "LUMBAR"),
    "pelvis": ("PELVI", "HIP", "PROSTATE", "BLADDER", "SACRUM", "UTERUS", "RECTUM"),
    "leg": ("LEG", "KNEE", "FOOT", "ANKLE", "FEMUR", "TIBIA", "THIGH", "CALF", "TOE", "EXTREMITY"),
    "arm": ("ARM", "HAND", "WRIST", "ELBOW", "HUMERUS", "SHOULDER", "CLAVICLE", "FINGER", "EXTREMITY"),
}
_BESIDE = {
    ("head", "neck"), ("neck", "chest"), ("neck", "arm"), ("chest", "belly"), ("chest", "arm"),
    ("belly", "pelvis"), ("pelvis", "leg"),
}  # fmt: skip


def parts_of(header: Header) -> Parts:
    """Return the parts that the header's body part names, "CHESTABDPELVIS" three; empty where it says none."""
    return parts_in(header.body_part)


def parts_in(text: str) -> Parts:
    """Return the parts that a text of Body Part Examined names; empty where it names none."""
    said = "".join(c for c in text.upper() if c.isalpha())
    if "WHOLEBODY" in said:
        return frozenset(_WORDS)
    return frozenset(part for part, words in _WORDS.items() if any(word in said for word in words))


def apart(one: Header, other: Header) -> bool:
    """Whether both say what they show, and that has nothing in common; neighbours may, at their edges."""
    return far_apart(parts_of(one), parts_of(other))


def far_apart(mine: Parts, theirs: Parts) -> bool:
    """Whether two sets of parts are both known and no part of one is, or lies beside, a part of the other."""
    near = any((a, b) in _BESIDE or (b, a) in _BESIDE for a in mine for b in theirs)
    return bool(mine and theirs and not mine & theirs and not near)
