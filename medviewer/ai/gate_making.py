"""The part of the gate about who was scanned and how the images were made. No torch here."""

from collections.abc import Callable, Iterator, Sequence

from medviewer.ai.limits import Limits
from medviewer.core.making import contrast_agent, image_kind, is_phantom, kernel_class
from medviewer.core.study import Check, Series
from medviewer.i18n import N_, Message

_KERNELS = {
    "soft": N_("soft-tissue kernels"),
    "lung": N_("lung kernels"),
    "bone": N_("bone kernels"),
    "unknown": N_("unknown kernels"),
}
_KINDS = {
    "original": N_("original images"),
    "derived": N_("derived images"),
    "reformatted": N_("reformatted images"),
    "projection": N_("projections (MIP)"),
    "map": N_("maps that hold no densities"),
    "capture": N_("captures of a screen"),
    "localizer": N_("overviews (localizers)"),
}
_NO_DENSITIES = frozenset({"projection", "map", "capture", "localizer"})  # no slices of tissue: never only a warning


def _age(limits: Limits, series: Series) -> Iterator[Check]:
    """The patient's age; that of 0 is what anonymising programs write."""
    years = series.first.age_years
    if limits.age_years is None or not years:
        return
    low, high = limits.age_years
    if not low <= years <= high:
        text = N_(
            "The patient was {years:.3g} years old; '{model}' was trained on patients of {low:g} to {high:g} years.",
            years=years, model=Message(limits.title), low=low, high=high,
        )  # fmt: skip
        yield Check("model-age", limits.severity("age_years"), text)


def _kernel(limits: Limits, series: Series) -> Iterator[Check]:
    name = series.first.kernel.strip()
    if limits.kernels is None or not name:
        return
    kind = kernel_class(name, series.first.manufacturer) or "unknown"
    if kind not in limits.kernels:
        text = N_(
            "The images were made with kernel {kernel} ({kind}); '{model}' was trained on {known}.",
            kernel=name, kind=_KERNELS[kind], model=Message(limits.title), known=_listed(limits.kernels, _KERNELS),
        )  # fmt: skip
        yield Check("model-kernel", limits.severity("kernels"), text)


def _contrast(limits: Limits, series: Series) -> Iterator[Check]:
    agent = contrast_agent(series.first)
    if limits.contrast is None or ("with" if agent else "without") in limits.contrast:
        return
    without = N_("The files name no contrast agent; '{model}' was trained on scans with one.")
    with_one = N_("The files name a contrast agent ({agent}); '{model}' was trained on scans without.")
    text = Message((with_one if agent else without).msgid, {"agent": agent, "model": Message(limits.title)})
    yield Check("model-contrast", limits.severity("contrast"), text)


def _kind(limits: Limits, series: Series) -> Iterator[Check]:
    kind = image_kind(series.first)
    if limits.image_types is None or not kind or kind in limits.image_types:
        return
    text = N_(
        "The files call these {kind} ({said}); '{model}' was trained on {known}.",
        kind=_KINDS[kind], said=series.first.image_type or series.title, model=Message(limits.title),
        known=_listed(limits.image_types, _KINDS),
    )  # fmt: skip
    yield Check("model-image-type", "stop" if kind in _NO_DENSITIES else limits.severity("image_types"), text)


def _lossy(limits: Limits, series: Series) -> Iterator[Check]:
    if limits.lossless and any(check.code == "lossy" for check in series.checks):
        text = N_("The images were compressed with loss; '{model}' was trained on others.", model=Message(limits.title))
        yield Check("model-lossy", limits.severity("lossless"), text)


def _phantom(limits: Limits, series: Series) -> Iterator[Check]:
    if limits.patients_only and is_phantom(series.first):
        text = N_(
            "The files say that this is a phantom or a virtual patient; '{model}' was trained on people.",
            model=Message(limits.title),
        )
        yield Check("model-phantom", limits.severity("patients_only"), text)


def _listed(names: frozenset[str], words: dict[str, Message]) -> Message:
    """Return the names in words, in the order of ``words``, with commas as the language has them."""
    return _joined([text for name, text in words.items() if name in names])


def _joined(texts: Sequence[Message]) -> Message:
    return texts[0] if len(texts) == 1 else N_("{one}, {others}", one=texts[0], others=_joined(texts[1:]))


LOOKS: tuple[Callable[[Limits, Series], Iterator[Check]], ...] = (_age, _kernel, _contrast, _kind, _lossy, _phantom)
