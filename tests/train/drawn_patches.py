"""A folder of drawn patches with the layout of the LUNA16 ones: bright discs or bright lines in a dark lung."""

from pathlib import Path

import numpy as np

from medviewer.train.patches import BLOCK, FILE

SIZE = 50


def write(folder: Path, blocks: int = 20, each: int = 24) -> Path:
    """Draw ``each`` patches of ``blocks`` blocks of candidates, every third one a nodule, and one turned copy."""
    random = np.random.default_rng(3)
    folder.mkdir(parents=True, exist_ok=True)
    count = blocks * each
    labels = (np.arange(count) % 3 == 0).astype(np.uint8)
    images = np.stack([patch(bool(label), random) for label in labels])
    candidate = (np.arange(count) * (BLOCK / each)).astype(np.int32)
    np.savez(
        folder / FILE,
        images=np.concatenate([images, images[:1]]),
        labels=np.append(labels, labels[:1]),
        candidate_index=np.append(candidate, np.int32(1_000_000)),
    )
    return folder


def patch(nodule: bool, random: np.random.Generator) -> np.ndarray:
    """Draw one patch uint8 (50, 50): a disc in the middle, or a line through it."""
    row, column = np.mgrid[:SIZE, :SIZE] - SIZE / 2.0
    angle = random.uniform(0.0, np.pi)
    disc = np.hypot(row, column) < random.uniform(3.0, 6.0)
    line = np.abs(row * np.cos(angle) + column * np.sin(angle)) < random.uniform(1.5, 3.0)
    drawn = np.where(disc if nodule else line, 180.0, 30.0) + random.normal(0.0, 8.0, (SIZE, SIZE))
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)
