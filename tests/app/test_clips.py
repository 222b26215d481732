"""Clips play as they were drawn, in number, order, size and rate; nothing is left of those that failed."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from medviewer.app import clips
from medviewer.app.clips import save_clip
from medviewer.app.snapshots import Pixels
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled, Problem


def frames(count: int, rows: int = 64, columns: int = 80) -> Iterator[Pixels]:
    """Grey frames, each brighter than the one before, the left half darker by 40."""
    for n in range(count):
        made = np.full((rows, columns, 3), 60 + 10 * n, np.uint8)
        made[:, : columns // 2] -= 40
        yield made


def played(path: Path) -> tuple[list[Pixels], float]:
    import cv2

    player = cv2.VideoCapture(str(path))
    seen: list[Pixels] = []
    fps = player.get(cv2.CAP_PROP_FPS)
    while True:
        ok, frame = player.read()
        if not ok:
            return seen, fps
        seen.append(np.asarray(frame[:, :, ::-1], np.uint8))


def test_an_mp4_plays_every_frame_in_order_at_its_rate(tmp_path: Path) -> None:
    path = save_clip(frames(12), 12, 12.5, tmp_path / "a.mp4", Job())
    seen, fps = played(path)
    assert fps == pytest.approx(12.5)
    assert [shown.shape for shown in seen] == [(64, 80, 3)] * 12
    for shown, drawn in zip(seen, frames(12), strict=True):
        assert np.abs(shown[4:-4, 4:36].astype(int) - drawn[4:-4, 4:36]).mean() < 4
        assert np.abs(shown[4:-4, 44:-4].astype(int) - drawn[4:-4, 44:-4]).mean() < 4


def test_an_odd_size_gets_a_black_line(tmp_path: Path) -> None:
    seen, _fps = played(save_clip(frames(3, 63, 79), 3, 10, tmp_path / "a.mp4", Job()))
    assert seen[0].shape == (64, 80, 3)
    assert seen[0][63].mean() < 12


def test_colours_stay_colours(tmp_path: Path) -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[:] = (200, 30, 10)
    for name in ("a.mp4", "a.gif"):
        path = save_clip([red, red], 2, 10, tmp_path / name, Job())
        first = played(path)[0][0] if name.endswith("mp4") else np.asarray(Image.open(path).convert("RGB"))
        assert np.abs(first.astype(int) - red).mean() < 6


def test_a_gif_holds_every_grey_and_goes_round(tmp_path: Path) -> None:
    path = save_clip(frames(5), 5, 20, tmp_path / "a.gif", Job())
    with Image.open(path) as gif:
        assert (len(list(ImageSequence.Iterator(gif))), gif.info["loop"], gif.info["duration"]) == (5, 0, 50)
        assert "comment" not in gif.info
        for n, drawn in enumerate(frames(5)):
            gif.seek(n)
            assert (np.asarray(gif.convert("RGB")) == drawn).all()


def test_rates_beyond_reason_are_brought_within(tmp_path: Path) -> None:
    assert played(save_clip(frames(3), 3, 1000, tmp_path / "a.mp4", Job()))[1] == pytest.approx(60)
    with Image.open(save_clip(frames(3), 3, 0.01, tmp_path / "a.gif", Job())) as gif:
        assert gif.info["duration"] == 1000


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_cancel_leaves_nothing(tmp_path: Path, name: str) -> None:
    job = Job()

    def cancelling() -> Iterator[Pixels]:
        for n, frame in enumerate(frames(9)):
            if n == 4:
                job.cancel()
            yield frame

    with pytest.raises(Cancelled):
        save_clip(cancelling(), 9, 10, tmp_path / name, job)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_a_folder_that_is_not_there_and_a_full_disk_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with pytest.raises(Problem, match="could not be written: No such file or directory"):
        save_clip(frames(2), 2, 10, tmp_path / "nowhere" / name, Job())

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="No space left on device"):
        save_clip(frames(2), 2, 10, tmp_path / name, Job())
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_does_not_play_whole_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "_frames_in", lambda _film: 2)
    with pytest.raises(Problem, match="could not be written"):
        save_clip(frames(3), 3, 10, tmp_path / "a.mp4", Job())
    assert list(tmp_path.iterdir()) == []


def test_no_images_and_other_kinds_of_files_are_refused(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.gif"):
        with pytest.raises(Problem):
            save_clip([], 0, 10, tmp_path / name, Job())
    with pytest.raises(Problem, match="MP4 or GIF"):
        save_clip(frames(2), 2, 10, tmp_path / "a.avi", Job())
