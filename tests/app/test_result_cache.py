"""What a model answered is kept and given again at once, never a half or damaged answer, and never without bound."""

import logging
import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from medviewer.ai import engine
from medviewer.ai.protocol import Conditions, Reading
from medviewer.app.reading import read
from medviewer.app.result_cache import ResultCache
from medviewer.app.saved_reading import finding_to_dict, reading_to_dict
from medviewer.core.job import Job
from medviewer.core.problem import Cancelled
from medviewer.core.volume import Volume
from tests.app import fake
from tests.app.samples import finding
from tests.app.volumes import ball_volume

KEY = "ab" * 32


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    """A cache of its own."""
    return ResultCache(tmp_path / "readings")


def reading() -> Reading:
    """An answer with all that there is to one."""
    odd = finding("f1", center_lps_mm=(0.1 + 0.2, 1e-17, -4.0), attributes={"side": "left", "solid_part_mm": None})
    conditions = Conditions("cpu", "CPU (2), bf16", True, 2, 0.5, "2.13.0")
    return Reading((odd, finding("f2", mask=None)), {"lungs": 1.5}, "CPU (2), bf16", (finding("c1"),), conditions)


class Counted:
    """The engine, counting its runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs: list[dict[str, object]] = []
        fake.install(monkeypatch)
        monkeypatch.setattr(engine, "run", self.run)

    def run(self, bundle: fake.FakeBundle, volume: Volume, job: Job, **more: object) -> Reading:
        """Answer as the fake does."""
        self.runs.append(more)
        return fake.run(bundle, volume, job)


def test_an_answer_comes_back_to_the_last_bit(cache: ResultCache) -> None:
    cache.put(KEY, reading())
    back = cache.get(KEY)
    assert back is not None
    assert reading_to_dict(back) == reading_to_dict(reading())
    assert back.findings[0].center_lps_mm == (0.1 + 0.2, 1e-17, -4.0)
    mask = back.findings[0].mask
    assert mask is not None
    assert (mask.offset_kji, mask.count) == ((4, 5, 6), 18)
    assert back.conditions == reading().conditions
    assert cache.get("cd" * 32) is None


def test_nothing_that_a_reading_says_is_left_out() -> None:
    said = {each.name for each in fields(Reading)}
    assert said - set(reading_to_dict(reading())) == {"heat"}  # of runs that explain, which are not kept


def test_only_the_reader_may_see_what_is_kept(cache: ResultCache) -> None:
    cache.put(KEY, reading())
    (entry,) = cache.folder.iterdir()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-20], lambda b: b.replace(b"8.0", b"9.0", 1), lambda _b: b"", lambda _b: b"[1]"]
)
def test_a_damaged_entry_is_dropped_with_a_line_in_the_log(
    cache: ResultCache, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    cache.put(KEY, reading())
    (entry,) = cache.folder.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))  # type: ignore[operator]
    with caplog.at_level(logging.WARNING, "medviewer"):
        assert cache.get(KEY) is None
    assert "damaged" in caplog.text
    assert not list(cache.folder.iterdir())


def test_an_entry_under_another_name_is_not_taken_for_its_answer(cache: ResultCache) -> None:
    cache.put(KEY, reading())
    (entry,) = cache.folder.iterdir()
    entry.rename(entry.with_name(f"{'cd' * 32}.json"))
    assert cache.get("cd" * 32) is None


def test_the_oldest_go_where_it_grows_too_large(tmp_path: Path) -> None:
    keys = [f"{n:064x}" for n in range(5)]
    measure = ResultCache(tmp_path / "one")
    measure.put(KEY, reading())
    size = next((tmp_path / "one").iterdir()).stat().st_size
    cache = ResultCache(tmp_path / "readings", max_bytes=3 * size + size // 2)
    for n, key in enumerate(keys[:3]):
        cache.put(key, reading())
        os.utime(cache.folder / f"{key}.json", (n + 1.0, n + 1.0))
    assert cache.get(keys[0]) is not None  # used just now, so that it is not the oldest any more
    for key in keys[3:]:
        cache.put(key, reading())
    assert {path.stem for path in cache.folder.iterdir()} == {keys[0], keys[3], keys[4]}


def test_no_room_and_no_home_cost_no_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    cache = ResultCache(tmp_path / "file" / "readings")
    with caplog.at_level(logging.WARNING, "medviewer"):
        cache.put(KEY, reading())
    assert "could not be kept" in caplog.text
    assert cache.get(KEY) is None


def test_the_same_series_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    first = read(ball_volume(), fake.FakeBundle(), Job())  # type: ignore[arg-type]
    again = read(ball_volume(), fake.FakeBundle(), Job())  # type: ignore[arg-type]
    assert len(counted.runs) == 1
    assert [finding_to_dict(f) for f in again.findings] == [finding_to_dict(f) for f in first.findings]
    assert set(again.timings_s) == {"cache"}
    read(ball_volume(dx_mm=24.0), fake.FakeBundle(), Job())  # type: ignore[arg-type]
    read(ball_volume(), fake.FakeBundle(all_sha256="11"), Job())  # type: ignore[arg-type]
    read(ball_volume(), fake.FakeBundle(), Job(), fresh=True)  # type: ignore[arg-type]
    assert len(counted.runs) == 4


def test_what_the_engine_takes_besides_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    read(ball_volume(), fake.FakeBundle(), Job(), on_found=print)  # type: ignore[arg-type]
    assert counted.runs == [{"on_found": print}]


def test_a_cancelled_reading_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    fake.install(monkeypatch)
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        read(ball_volume(), fake.FakeBundle(), job)  # type: ignore[arg-type]
    assert not ResultCache().folder.exists()
