"""The images that the reader kept, as pictures of a report."""

from medviewer.core.case import Case
from medviewer.core.key_image import KeyImage as Kept
from medviewer.core.study import Study
from medviewer.i18n import N_
from medviewer.report.document import KeyImage
from medviewer.report.wording import Words, image_number


def key_images(case: Case, study: Study, words: Words) -> tuple[KeyImage, ...]:
    """Return the key images of a case, each with its series, its number and the reader's note."""
    kept = [key for key in case.keys if key.picture]
    return tuple(KeyImage(key.id, _caption(key, n, study, words), key.picture) for n, key in enumerate(kept, 1))


def _caption(key: Kept, number: int, study: Study, words: Words) -> str:
    parts = [words(N_("Key image {number}", number=number))]
    parts += [series.title for series in study.series if series.uid == key.series_uid]
    at = image_number(study, key)
    if key.kind == "native" and at:
        parts.append(words(N_("image {number}", number=at)))
    return words.joined([*parts, *([key.note] if key.note else [])])
