"""A bundle's self-test: its example, answered again, must give the answer that was stored with it."""

from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from medviewer.ai.bundle import Bundle
from medviewer.ai.foreign import trial
from medviewer.ai.loaded import Loaded, net_of
from medviewer.ai.manifest import FOREIGN
from medviewer.core.job import Job
from medviewer.core.problem import Problem
from medviewer.i18n import _

TOLERANCE = 0.02  # of a chance 0..1: processors round differently


def self_test(bundle: Bundle, job: Job | None = None) -> float:
    """Answer the bundle's example in float32 on the CPU; return the largest difference, Problem where it is too large.

    The example holds ``inputs`` float (n, c, h, w), ready for the net, and its raw ``answers`` (n, ...); both are
    compared as chances 0 to 1. A network that brings its own program answers in a process of its own.
    """
    if bundle.net in FOREIGN:
        return trial.again(bundle, job or Job())
    if job is not None:
        job.step(0.0, bundle.id)
    inputs, expected = _example(bundle)
    answers = Loaded(net_of(bundle)).answers(inputs)
    same = answers.shape == expected.shape
    difference = float((torch.sigmoid(answers) - torch.sigmoid(expected)).abs().max()) if same else float("inf")
    if not difference <= TOLERANCE:
        raise Problem(
            _("The model '{name}' does not give the answer of its example (difference {n:.2f}).").format(
                name=bundle.id, n=difference
            ),
            _("Do not use it on this computer; install MedViewer again."),
        )
    return difference


def _example(bundle: Bundle) -> tuple[Tensor, Tensor]:
    try:
        if bundle.example.stat().st_size > trial.MOST_EXAMPLE_BYTES:
            raise ValueError(bundle.example.name)
        with np.load(bundle.example, allow_pickle=False) as example:
            return torch.from_numpy(example["inputs"].astype(np.float32)), torch.from_numpy(
                example["answers"].astype(np.float32)
            )
    except (OSError, ValueError, KeyError, EOFError, MemoryError, TypeError, BadZipFile) as error:
        raise Problem(_("The example of the model '{name}' cannot be read.").format(name=bundle.id)) from error
