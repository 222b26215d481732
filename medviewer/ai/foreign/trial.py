"""The first time a brought network runs, and every self-test of it: in a process of its own that may hang or die."""

import json
import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from medviewer.ai.bundle import EXAMPLE, Bundle, load
from medviewer.ai.foreign.plan import Intensity, Plan
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.core.whole import whole
from medviewer.i18n import _, screen_language, set_language

PATIENCE_S = 300.0
LOOK_EVERY_S = 0.05
MOST_KEPT = 200_000  # numbers of an answer that are kept to compare with
MOST_EXAMPLE_BYTES = 64 << 20
SAME, TOLERANCE = 1e-3, 0.02  # of a chance: two runs on this computer; this one and another


def draw(folder: Path, plan: Plan) -> None:
    """Write the example's input into ``folder``: a ball in noise, in the values that the network takes."""
    generator = np.random.default_rng(7)
    shape, intensity = plan.patch, plan.intensity
    noise = generator.normal(0.0, 1.0, shape)
    inputs = _as_taken(noise + 2.0 * _ball(shape), intensity)[None, None]
    with whole(folder / EXAMPLE) as draft, draft.open("wb") as file:
        np.savez_compressed(file, inputs=inputs.astype(np.float16), answers=np.zeros(0, np.float32), every=np.int64(1))


def _ball(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """A ball of a third of the patch, a little off its middle."""
    lines = np.ix_(*((np.arange(n) - 0.45 * n) / n for n in shape))
    inside: NDArray[np.bool_] = sum((line**2 for line in lines), np.zeros(shape)) <= (1 / 6) ** 2
    return inside


def _as_taken(values: NDArray[np.float64], intensity: Intensity) -> NDArray[np.float64]:
    if intensity.kind == "z-score":
        return values
    middle, width = (intensity.to_low + intensity.to_high) / 2, intensity.to_high - intensity.to_low
    return np.clip(middle + 0.2 * width * values, intensity.to_low, intensity.to_high)


def first(folder: Path, job: Job) -> None:
    """Let the network in ``folder`` answer its example twice and keep the answer.

    Problem where it cannot be loaded, answers in the wrong shape, with what are no numbers, or otherwise each time.
    """
    _ask(folder, True, job)


def again(bundle: Bundle, job: Job) -> float:
    """Let the network answer its example once more; return the largest difference of a chance, Problem if too large."""
    return float(_ask(bundle.folder, False, job)["difference"])


def _ask(folder: Path, write: bool, job: Job) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=child, args=(theirs, str(folder), write, screen_language()), name="medviewer-trial", daemon=True
    )
    process.start()
    theirs.close()
    try:
        return _heard(ours, folder.name, job)
    finally:
        process.kill()
        process.join()
        ours.close()


def _heard(pipe: Connection, name: str, job: Job) -> dict[str, Any]:
    until_s = time.monotonic() + PATIENCE_S
    while not pipe.poll(LOOK_EVERY_S):
        job.step(0.0, _("Trying '{name}'").format(name=name))
        if time.monotonic() > until_s:
            raise Problem(_("The model '{name}' did not answer its example in time.").format(name=name))
    try:
        # JSON, not an object: what runs a stranger's program may send anything, and unpickling would run it here
        answer: dict[str, Any] = json.loads(pipe.recv_bytes(1 << 20))
    except (EOFError, OSError, ValueError):
        raise Problem(_("The process that tried the model '{name}' stopped unexpectedly.").format(name=name)) from None
    if "text" in answer:
        raise Problem(str(answer["text"]), str(answer["hint"]))
    return answer


def child(pipe: Connection, folder: str, write: bool, language: str) -> None:
    """Try the network in ``folder`` and send what came of it as JSON."""
    set_language(language)
    answer: dict[str, Any]
    try:
        answer = {"difference": attempt(Path(folder), write)}
    except Problem as problem:
        answer = {"text": problem.text, "hint": problem.hint}
    except MemoryError:
        answer = {"text": _("There is not enough memory to try the model."), "hint": ""}
    except Exception as fault:
        why = f"{type(fault).__name__}: {fault}"[:300]
        answer = {"text": _("The model cannot be tried ({why}).").format(why=why), "hint": ""}
    pipe.send_bytes(json.dumps(answer).encode())


def attempt(folder: Path, write: bool) -> float:
    """Answer the example of the bundle in ``folder`` here and now; return the difference, or ``write`` the answer."""
    from medviewer.ai import worker
    from medviewer.ai.device import threads

    worker.give_way()
    import torch

    torch.set_num_threads(threads())
    from medviewer.ai.foreign.runtime import Network

    bundle = load(folder)
    inputs, expected, every = read_example(bundle)
    network = Network(bundle)
    patches = torch.from_numpy(inputs)
    answer = network.chances(patches).numpy()
    if not write:
        return _difference(bundle, _thinned(answer, every), expected)
    if float(np.abs(network.chances(patches).numpy() - answer).max()) > SAME:
        raise Problem(
            _("The model '{name}' gives another answer each time it is asked.").format(name=bundle.id),
            _("Export it in evaluation mode, without dropout."),
        )
    every = 1
    while _thinned(answer, every).size > MOST_KEPT:
        every += 1
    with whole(bundle.example) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file, inputs=inputs.astype(np.float16), answers=_thinned(answer, every), every=np.int64(every)
        )
    return 0.0


def read_example(bundle: Bundle) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Return the example's input (1, 1, *patch), the chances expected, and of which voxels: every n-th of each axis."""
    try:
        if bundle.example.stat().st_size > MOST_EXAMPLE_BYTES:
            raise ValueError(EXAMPLE)
        with np.load(bundle.example, allow_pickle=False) as example:
            every = int(example["every"])
            return example["inputs"].astype(np.float32), example["answers"].astype(np.float32), every
    except (OSError, ValueError, KeyError, EOFError, MemoryError, TypeError, BadZipFile) as error:
        raise Problem(_("The example of the model '{name}' cannot be read.").format(name=bundle.id)) from error


def _thinned(answer: NDArray[np.float32], every: int) -> NDArray[np.float32]:
    return answer[(slice(None), slice(None), *(slice(None, None, every) for _axis in answer.shape[2:]))]


def _difference(bundle: Bundle, answer: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    same = answer.shape == expected.shape
    difference = float(np.abs(answer - expected).max()) if same else float("inf")
    if not difference <= TOLERANCE:
        raise Problem(
            _("The model '{name}' does not give the answer of its example (difference {n:.2f}).").format(
                name=bundle.id, n=difference
            ),
            _("Do not use it on this computer; remove it and add it again."),
        )
    return difference
