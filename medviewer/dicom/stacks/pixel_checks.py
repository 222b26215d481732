"""What a reader should know of the values in the images: what they mean, what they lost, what they may show."""

from collections.abc import Callable, Iterator, Sequence

from medviewer.core.study import Check, Header, Severity
from medviewer.dicom.header import FOREIGN
from medviewer.dicom.headers.loss import LOSSY, MAYBE_LOSSY, NEAR_LOSSLESS
from medviewer.dicom.kinds import SECONDARY_CAPTURE
from medviewer.i18n import N_, Message

Headers = Sequence[Header]
_STORED = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"})
BELIEVED_BYTES, MOST_COMPRESSED = 1 << 26, 4000  # pixels that any file may claim; times its size that they may take
MAY_SHOW_NAMES = ("US", "XA", "RF", "ES", "OT", "SC", "IVUS", "ECG", "DOC")
AIR_HU = -1000


def pixel_checks(headers: Headers) -> list[Check]:
    """Return everything odd about the values of the images."""
    return [check for look in _LOOKS for check in look(headers)]


def _whole(headers: Headers) -> Iterator[Check]:
    """Pixels that are not there, or cannot be."""
    first = headers[0]
    if any(_absurd(header) for header in headers):
        text = N_("The files claim far more pixels than they can hold.")
        yield Check("absurd-size", "stop", text, N_("They are damaged or malicious; they are not opened."))
        return
    none = {h.path for h in headers if not h.pixels_bytes and not h.float_pixels and h.transfer_syntax != FOREIGN}
    if none:
        one, many = N_("One file holds no pixels."), N_("{n} files hold no pixels.")
        why = N_("Nothing is shown where those images belong. Fetch them again from their source.")
        yield Check("no-pixels", _if_all(none, headers), _counted(len(none), one, many), why)
    short = {header.path for header in headers if _is_short(header)}
    if short:
        one, many = N_("One file is cut short: pixels are missing."), N_("{n} files are cut short: pixels are missing.")
        why = N_("What is missing is shown as empty. Fetch the images again; do not measure these.")
        yield Check("cut-short", _if_all(short, headers), _counted(len(short), one, many), why)
    if first.pixel_spacing_mm is None:
        text = N_("The files do not say how large a pixel is: nothing can be measured in mm.")
        yield Check("no-spacing", "stop", text, N_("The images can be looked at; lengths are given in pixels."))


def _if_all(paths: set[str], headers: Headers) -> Severity:
    """One lost image is told and the others are read; a series with nothing to read is stopped."""
    return "stop" if len(paths) == len({header.path for header in headers}) else "warning"


def _claimed_bytes(header: Header) -> int:
    """Bytes of the pixels of the whole file, uncompressed."""
    samples = 2 if header.samples == 3 and header.photometric.endswith("422") else header.samples
    bits = header.rows * header.columns * header.frames * samples * header.bits_allocated
    return (bits + 7) // 8


def _absurd(header: Header) -> bool:
    if not header.file_bytes:
        return False
    return _claimed_bytes(header) > max(BELIEVED_BYTES, MOST_COMPRESSED * header.file_bytes)


def _is_short(header: Header) -> bool:
    if header.transfer_syntax not in _STORED or header.pixels_bytes <= 0:
        return False
    needed = _claimed_bytes(header)
    beyond = bool(header.file_bytes and header.pixels_at) and header.pixels_at + needed > header.file_bytes
    return header.pixels_bytes < needed or beyond


def _lossy(headers: Headers) -> Iterator[Check]:
    first, n = headers[0], len(headers)
    lossy = sum(header.lossy or header.transfer_syntax in LOSSY for header in headers)
    why = N_("Fine detail may be lost or invented, and values differ from what was measured.")
    if lossy:
        text = N_("The images were compressed with loss ({n} of {all}){ratio}.", n=lossy, all=n, ratio=_ratio(first))
        yield Check("lossy", "warning", text, why)
    elif first.transfer_syntax == NEAR_LOSSLESS:
        text = N_("The images were compressed nearly without loss (JPEG-LS){ratio}.", ratio=_ratio(first))
        yield Check(
            "lossy", "warning", text, N_("Each value may be wrong by a few steps; the file does not say how many.")
        )
    elif first.transfer_syntax in MAYBE_LOSSY:
        text = N_("The images may have been compressed with loss{ratio}: the files do not say.", ratio=_ratio(first))
        yield Check("maybe-lossy", "info", text, why)


def _ratio(header: Header) -> Message | str:
    if header.file_bytes <= header.pixels_at or header.transfer_syntax in _STORED:
        return ""
    ratio = _claimed_bytes(header) / (header.file_bytes - header.pixels_at)
    return N_(", about {ratio:.0f} to 1", ratio=ratio) if ratio >= 1.5 else ""


def _form(headers: Headers) -> Iterator[Check]:
    """Colours, many bits, numbers with a point."""
    first = headers[0]
    if first.is_colour:
        why = N_("There are no Hounsfield units in colours, and AI does not read them.")
        yield Check("colour", "stop", N_("These are colour images."), why)
    if first.float_pixels:
        text = N_("The values are numbers with a decimal point; they are shown in 65,536 steps.")
        yield Check("float-pixels", "warning", text, N_("Values read at a point are rounded to such a step."))
    elif max(first.bits_allocated if not first.bits_stored else first.bits_stored, 0) > 16:
        text = N_("The values have more than 16 bits; they are shown in coarser steps.")
        yield Check("coarse", "warning", text, N_("Values read at a point are rounded to such a step."))


def _meaning(headers: Headers) -> Iterator[Check]:
    """What a value means: Hounsfield units, or not."""
    first = headers[0]
    if any(header.modality_lut for header in headers):
        text = N_("The values pass through a table of the device (modality LUT): they are no Hounsfield units.")
        why = N_("Greys are right; what a value means only the device's maker can say.")
        yield Check("modality-lut", "stop" if first.modality == "CT" else "info", text, why)
    elif first.modality == "CT" and first.rescale_type.upper() not in ("", "HU"):
        text = N_("The values of this CT are in '{unit}', not in Hounsfield units.", unit=first.rescale_type)
        if first.rescale_type.upper() == "US":
            text = N_("The files leave open what the values of this CT are: they may be no Hounsfield units.")
        why = N_("The presets for windows do not fit, densities mean something else, and AI does not read it.")
        yield Check("not-hu", "stop", text, why)


def _sign(headers: Headers) -> Iterator[Check]:
    """Values whose sign the files contradict, and values that stand for no image."""
    first = headers[0]
    if len({header.signed for header in headers}) > 1:
        text = N_("Some images are stored with sign and some without.")
        yield Check(
            "sign", "warning", text, N_("Each is read as it says. Where greys jump between slices, distrust them.")
        )
    elif _cannot_show_air(first):
        text = N_("The values of this CT cannot be negative: air and lung would be missing.")
        why = N_("The sign or the offset in the files is wrong. Check a value in air: it should be near -1000.")
        yield Check("not-hu", "stop", text, why)
    elif first.padding is not None and not first.signed and first.padding >> max(first.bits_stored, 1):
        text = N_(
            "The value for 'no image' ({value}) does not fit the stored bits: the sign may be wrong.",
            value=first.padding,
        )
        yield Check("sign", "warning", text, N_("The sign of the values may be wrong: borders should be black."))
    paddings = {header.padding for header in headers}
    if len(paddings) > 1:
        text = N_("The images differ in which value stands for 'no image'.")
        yield Check("padding", "warning", text, N_("The borders may look different from slice to slice."))
    elif first.padding is not None and first.samples == 1:
        text = N_("The value {value} stands for 'no image' at the borders.", value=first.padding)
        yield Check("padding", "info", text, N_("It is shown black, and counts as black in what is measured over it."))


def _cannot_show_air(header: Header) -> bool:
    if header.modality != "CT" or header.rescale_type.upper() not in ("", "HU") or header.samples > 1:
        return False
    localizer_or_derived = "DERIVED" in header.image_type.upper() or "LOCALIZER" in header.image_type.upper()
    return not header.signed and header.slope > 0 and header.intercept > AIR_HU / 2 and not localizer_or_derived


def _spacing(headers: Headers) -> Iterator[Check]:
    """What the size of a pixel refers to."""
    first = headers[0]
    if first.spacing_kind == "detector":
        text = N_("Lengths are those at the detector, not in the patient.")
        why = N_("In the patient they are smaller, by an amount the file does not say.")
        if first.magnification:
            why = N_(
                "The file says that the image magnifies {m:.2f} times: divide lengths by that.", m=first.magnification
            )
        yield Check("detector-spacing", "warning", text, why)
    elif first.spacing_kind == "calibrated":
        text = N_("The size of a pixel was calibrated.")
        why = N_("Lengths are right in the plane of what it was calibrated by, and wrong before and behind it.")
        yield Check("calibrated-spacing", "info", text, why)
    elif first.spacing_kind == "nominal":
        text = N_("The size of a pixel is nominal: that of a scanned film or of a screen copy.")
        yield Check("nominal-spacing", "warning", text, N_("Compare with something of known size."))
    elif first.spacing_kind == "region":
        text = N_("The size of a pixel holds in the ultrasound image, not beside it.")
        yield Check("region-spacing", "info", text, N_("Measure only inside the ultrasound image."))


def _suv(headers: Headers) -> Iterator[Check]:
    if headers[0].modality != "PT":
        return
    missing = next((header.suv_missing for header in headers if header.suv is None), None)
    if missing is None:
        text = N_("Values are SUV by body weight (SUVbw).")
        yield Check("suv", "info", text, N_("Worked out for each slice from what the files say."))
    else:
        text = N_("Values are not SUV: the files do not say enough.")
        why = N_("Missing: {what}. Uptake can be compared within the images only.", what=missing)
        if not missing:
            why = N_("Uptake can be compared within the images only.")
        yield Check("no-suv", "warning", text, why)


def _privacy(headers: Headers) -> Iterator[Check]:
    """Names that were repaired, and names that may stand in the pixels."""
    first = headers[0]
    if any(header.charset_repaired for header in headers):
        text = N_("The names were written in another character set than the file says; they were repaired.")
        yield Check("charset", "info", text, N_("Compare the patient's name with the request before reporting."))
    said = {header.burned_in.strip().upper() for header in headers}
    why = N_("Look at the images before you pass them on: removing names from the file does not remove these.")
    if "YES" in said:
        text = N_("The files say that the patient's data are written into the images.")
        yield Check("burned-in", "warning", text, why)
    elif "NO" not in said and _may_show_names(first):
        text = N_("The patient's name may be written into the images: the files do not say.")
        yield Check("burned-in", "info", text, why)


def _may_show_names(header: Header) -> bool:
    """Whether devices of that kind write names into their pictures."""
    copied = header.sop_class == SECONDARY_CAPTURE or header.sop_class.startswith(SECONDARY_CAPTURE + ".")
    return header.transfer_syntax != FOREIGN and (copied or header.modality in MAY_SHOW_NAMES)


def _counted(n: int, one: Message, many: Message) -> Message:
    return one if n == 1 else Message(many.msgid, {"n": n})


_LOOKS: tuple[Callable[[Headers], Iterator[Check]], ...] = (
    _whole, _form, _meaning, _sign, _lossy, _spacing, _suv, _privacy,
)  # fmt: skip
