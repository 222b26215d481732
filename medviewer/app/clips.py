"""Moving pictures as files: MP4 and GIF, written whole or not at all and looked at once more before they count."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from medviewer.app.snapshots import Pixels, not_written
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import _

LEAST_FPS, MOST_FPS = 1.0, 60.0
# MPEG-4 part 2: of what the library holds under a free licence, the one that most players know.
_CODEC = "mp4v"
_GIF_COLOURS = 256


def save_clip(frames: Iterable[Pixels], count: int, fps: float, path: Path, job: Job) -> Path:
    """Write ``count`` frames of one size as MP4 or GIF, by the file's name; Problem where that cannot be.

    ``frames`` is asked for one after the other, so that they need not all be in memory. Nothing is left of a clip that
    was cancelled or failed.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise Problem(_("Clips are saved as MP4 or GIF."), _("Choose a name that ends with .mp4 or .gif."))
    try:
        with whole(path) as draft:
            write(_told(frames, count, job), min(max(fps, LEAST_FPS), MOST_FPS), draft)
    except OSError as error:
        raise not_written(path, error) from error
    return path


def _told(frames: Iterable[Pixels], count: int, job: Job) -> Iterator[Pixels]:
    """Pass the frames on, and say how far it is; a cancel ends it here."""
    for number, frame in enumerate(frames):
        job.step(number / max(count, 1), _("Image {n} of {count}").format(n=number + 1, count=count))
        yield frame


def _write_mp4(frames: Iterator[Pixels], fps: float, draft: Path) -> None:
    import cv2

    film = draft.with_name(f"{draft.name}.mp4")  # the library goes by the name
    film.touch()  # an OSError that says why, where the library would only be silent
    writer, count = None, 0
    try:
        for frame in frames:
            even = _even(frame)
            if writer is None:
                size = even.shape[1], even.shape[0]
                writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*_CODEC), fps, size)
            writer.write(even[:, :, ::-1])
            count += 1
        if writer is not None:
            writer.release()
        if not count or _frames_in(film) != count:
            raise Problem(_("The clip could not be written."), _("Make room on the disk, or save it as GIF."))
        film.replace(draft)
    finally:
        if writer is not None:
            writer.release()
        film.unlink(missing_ok=True)


def _even(frame: Pixels) -> Pixels:
    """Return the frame with an even number of rows and columns, which the codec wants; a black line is added."""
    rows, columns = frame.shape[:2]
    if rows % 2 == 0 and columns % 2 == 0:
        return np.ascontiguousarray(frame)
    return np.pad(frame, ((0, rows % 2), (0, columns % 2), (0, 0)))


def _frames_in(film: Path) -> int:
    """Return how many frames of a film can be seen, by playing it."""
    import cv2

    player, count = cv2.VideoCapture(str(film)), 0
    while player.grab():
        count += 1
    player.release()
    return count


def _write_gif(frames: Iterator[Pixels], fps: float, draft: Path) -> None:
    """Write a GIF that goes on and on; the time of an image is a whole hundredth of a second, two at the least."""
    from PIL import Image

    def palette(frame: Pixels) -> Image.Image:
        image = Image.fromarray(np.ascontiguousarray(frame))
        if (frame[..., 0] == frame[..., 1]).all() and (frame[..., 1] == frame[..., 2]).all():
            return image.convert("L")
        return image.quantize(_GIF_COLOURS, dither=Image.Dither.NONE)

    first = next(frames, None)
    if first is None:
        raise Problem(_("There are no images to make a clip of."))
    each_ms = 10 * max(2, round(100.0 / fps))
    with draft.open("wb") as file:
        palette(first).save(
            file, "GIF", save_all=True, append_images=map(palette, frames), loop=0, duration=each_ms, optimize=False
        )


WRITERS: dict[str, Callable[[Iterator[Pixels], float, Path], None]] = {".mp4": _write_mp4, ".gif": _write_gif}
