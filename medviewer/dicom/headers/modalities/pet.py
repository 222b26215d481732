"""PET: from a real value to SUVbw, by the vendor-neutral rules of QIBA; and none where the files lack what they need.

SUVbw (g/ml) = activity (Bq/ml) * weight (g) / dose (Bq), the dose decayed to the time the activity was corrected to.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from medviewer.dicom.headers.elements import items, number
from medviewer.dicom.headers.raw import Values, real, text

_START_TIME, _START = number(0x0018, 0x1072), number(0x0018, 0x1078)
_DOSE, _HALF_LIFE = number(0x0018, 0x1074), number(0x0018, 0x1075)
_TRACER = frozenset((_START_TIME, _START, _DOSE, _HALF_LIFE))
_WHEN = re.compile(r"((?:19|20)\d\d)[.]?(\d\d)[.]?(\d\d) *(\d\d):?(\d\d)?:?(\d\d)?(\.\d+)?([+-]\d{4})? *$", re.ASCII)
_ZONE = re.compile(r"([+-])(\d\d)(\d\d) *$", re.ASCII)
_ONE_DAY_S = 6 * 3600.0  # a tracer with a longer half-life (Cu-64, Zr-89) may have been given on an earlier day
_LEAST_BQ, _HEAVIEST_KG = 1e4, 1000.0  # less or more than that is another unit: MBq, grams
_MOST_HALF_LIVES = 12  # after these nothing is left to see: one of the times is wrong
_SUV_UNIT, _ACTIVITY_UNITS = "{SUVbw}g/ml", ("BQML", "Bq/ml")  # the units of enhanced files are those of UCUM


@dataclass(frozen=True)
class Pet:
    """What the images of a PET series say together: enough for the SUVbw of each, or what is missing for it.

    ``factor`` leads from real values to SUVbw, as if the dose had not decayed; ``decays`` says that it did, with
    ``half_life_s``, between the injection and the time to which the images were corrected.
    """

    missing: tuple[str, ...] = ()
    factor: float = 1.0
    decays: bool = False
    half_life_s: float = 0.0
    injected: datetime | None = None
    injected_time: str = ""
    series_time: datetime | None = None
    ge_scan_time: datetime | None = None
    corrected_to: datetime | None = None
    acquisition_date: str = ""
    frame_duration_s: float = 0.0
    zone: str = ""

    def suvbw(self, acquired_at: str, frame_reference_s: float) -> tuple[float | None, str]:
        """Return the factor from real value to SUVbw of one image; None, and the DICOM keywords of what is missing.

        ``acquired_at`` is its time of acquisition, or date and time.
        """
        if self.missing:
            return None, ", ".join(self.missing)
        if not self.decays:
            return self.factor, ""
        acquired = when(self.acquisition_date + acquired_at, self.zone) or when(acquired_at, self.zone)
        reference = self._reference(acquired, frame_reference_s)
        if reference is None:
            back = "FrameReferenceTime, ActualFrameDuration" if acquired else "AcquisitionDate, AcquisitionTime"
            return None, back if self.series_time else f"SeriesDate, SeriesTime, {back}"
        decay_s = self._decay_s(reference)
        if decay_s is None:
            return None, "RadiopharmaceuticalStartDateTime"
        return self.factor * 2.0 ** (decay_s / self.half_life_s), ""

    def _reference(self, acquired: datetime | None, frame_reference_s: float) -> datetime | None:
        """Return the time to which the decay was corrected.

        A series time later than the acquisition is that of some processing; then GE's own scan time counts, else it
        is reckoned back: from the bed position's start to the moment of its mean activity, less how long after the
        reference that was.
        """
        if self.corrected_to:
            return self.corrected_to
        if self.series_time and acquired and self.series_time <= acquired:
            return self.series_time
        if self.ge_scan_time:
            return self.ge_scan_time
        if acquired and frame_reference_s > 0 and self.frame_duration_s > 0:
            per_s = log(2) / self.half_life_s
            decayed = per_s * self.frame_duration_s
            mean_s = log(decayed / (1 - exp(-decayed))) / per_s
            return acquired + timedelta(seconds=mean_s - frame_reference_s)
        return None

    def _decay_s(self, reference: datetime) -> float | None:
        """Return the seconds from injection to ``reference``; None where the times make no sense together."""
        most_s = _MOST_HALF_LIVES * self.half_life_s
        if self.injected and 0 <= (decay_s := (reference - self.injected).total_seconds()) <= most_s:
            return decay_s
        same_day = when(reference.strftime("%Y%m%d") + self.injected_time)
        if not self.injected_time or same_day is None or self.half_life_s > _ONE_DAY_S:
            return None
        decay_s = (reference - same_day).total_seconds() % 86400  # injected before midnight, scanned after it
        return decay_s if decay_s <= most_s else None


def read(v: Values, explicit: bool) -> Pet:
    """Read what PET images share, from attributes by their names in ``wanted.TAGS``."""
    unit = text(v.get("units", b""))
    missing = [] if _is_corrected(v) else ["CorrectedImage"]
    philips = text(v.get("philips_pet_maker", b"")).startswith("Philips PET Private Group")
    if unit == _SUV_UNIT:
        return Pet()
    if unit == "GML":  # without SUV Type that of body weight is meant (PS3.3 C.8.9.1)
        other = ["SUVType"] if text(v.get("suv_type", b"")) not in ("", "BW") else []
        return Pet((*missing, *other))
    if unit == "CNTS" and philips and (factor := _positive(v, "philips_suv_factor")):
        return Pet(tuple(missing), factor)
    bq_per_ml = 1.0 if unit in _ACTIVITY_UNITS else 0.0
    if unit == "CNTS" and philips:
        bq_per_ml = _positive(v, "philips_activity_factor")
    return _from_activity(v, explicit, missing if bq_per_ml else [*missing, "Units"], bq_per_ml)


def _from_activity(v: Values, explicit: bool, missing: list[str], bq_per_ml: float) -> Pet:
    """Return what leads from activity, ``bq_per_ml`` times the real value, to SUVbw."""
    tracers = items(v.get("tracer", b""), explicit, _TRACER)
    tracer = tracers[0] if len(tracers) == 1 else {}  # of two doses nobody can say which one is seen
    weight_kg, zone = _positive(v, "weight"), text(v.get("time_zone", b""))
    dose_bq, half_life_s = (max(real(tracer.get(tag, b"")) or 0.0, 0.0) for tag in (_DOSE, _HALF_LIFE))
    corrected_to = when(text(v.get("decay_corrected_to", b"")), zone)
    correction = text(v.get("decay_correction", b"")) or ("START" if corrected_to else "")
    injected, injected_time = text(tracer.get(_START, b"")), text(tracer.get(_START_TIME, b""))
    decays = correction != "ADMIN"
    needed = {
        "DecayCorrection": correction in ("START", "ADMIN"),
        "PatientWeight": 0 < weight_kg <= _HEAVIEST_KG,
        "RadionuclideTotalDose": dose_bq >= _LEAST_BQ,
        "RadionuclideHalfLife": half_life_s or not decays,
        "RadiopharmaceuticalStartDateTime": injected or injected_time or not decays,
    }
    return Pet(
        missing=(*missing, *(keyword for keyword, given in needed.items() if not given)),
        factor=bq_per_ml * weight_kg * 1000 / dose_bq if dose_bq else 0.0,
        decays=decays,
        half_life_s=half_life_s,
        injected=when(injected, zone),
        injected_time=injected_time,
        series_time=when(text(v.get("series_date", b"")) + text(v.get("series_time", b""))),
        ge_scan_time=_ge_scan_time(v),
        corrected_to=corrected_to,
        acquisition_date=text(v.get("acquisition_date", b"")),
        frame_duration_s=_positive(v, "frame_duration") / 1000,
        zone=zone,
    )


def slices_per_time(v: Values) -> int:
    """Return how many images one time of a dynamic or gated series has; 0 where there are no times."""
    many = text(v.get("series_type", b"")).startswith(("DYNAMIC", "GATED"))
    return int.from_bytes(v.get("slices", b"")[:2], "little") if many else 0


def when(said: str, zone: str = "") -> datetime | None:
    """Return the moment a date and time of DICOM name, by the clocks of the file's time ``zone`` (as "+0200").

    A zone that the moment itself names counts only where the file's is known; None where no moment is named.
    """
    found = _WHEN.match(said)
    if not found:
        return None
    *whole, part, own = found.groups()
    year, month, day, hour, minute, second = (int(each or 0) for each in whole)
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return moment + timedelta(seconds=float(part or 0)) + (_ahead(zone) - _ahead(own) if own and zone else timedelta())


def _ahead(zone: str) -> timedelta:
    """Return how far the clocks of a time zone are ahead of universal time; nothing where it names none."""
    found = _ZONE.match(zone)
    if not found:
        return timedelta()
    sign, hours, minutes = found.groups()
    return timedelta(hours=int(sign + hours), minutes=int(sign + minutes))


def _is_corrected(v: Values) -> bool:
    """Whether attenuation and decay were corrected, as classic or as enhanced files say it."""
    done = text(v.get("corrected", b"")).split("\\")
    attenuation = "ATTN" in done or text(v.get("attenuation_corrected", b"")) == "YES"
    decay = "DECY" in done or "DECAY" in done or text(v.get("decay_corrected", b"")) == "YES"
    return attenuation and decay


def _ge_scan_time(v: Values) -> datetime | None:
    maker = text(v.get("ge_pet_maker", b""))
    return when(text(v.get("ge_pet_scan_time", b""))) if maker == "GEMS_PETD_01" else None


def _positive(v: Values, name: str) -> float:
    value = real(v.get(name, b"")) or 0.0
    return value if 0 < value < 1e15 else 0.0
