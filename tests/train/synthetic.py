"""A folder of drawn crops with the layout of the LIDC-IDRI ones: bright discs in a dark lung, up to three readers."""

import csv
from pathlib import Path

import jpeg_ls
import numpy as np

SIZE = 128
COLUMNS = "pid nodule n_readers series_uid pixel_spacing slice_thickness crop_row0 crop_col0 split diam_mm"


def write(folder: Path, train: int = 6, val: int = 3, slices: int = 3) -> Path:
    """Draw ``train`` + ``val`` patients of one nodule each on ``slices`` slices; odd ones have one reader."""
    random = np.random.default_rng(5)
    folder.mkdir(parents=True, exist_ok=True)
    images, masks, rows = [], [], []
    for patient in range(train + val):
        radius = random.uniform(5.0, 9.0)
        readers = 3 if patient % 2 == 0 else 1
        split = "train" if patient < train else "val"
        rows.append((f"P{patient}", "nodule-0", readers, f"1.{patient}", 0.7, 2.5, 100, 200, split, 1.4 * radius))
        for _slice in range(slices):
            image, mask = crop(radius, readers, random)
            images.append(image)
            masks.append(mask)
    packed = [bytes(jpeg_ls.encode_array(image)) for image in images]
    (folder / "crops.jls").write_bytes(b"".join(packed))
    nodule = np.repeat(np.arange(train + val), slices)
    np.savez(
        folder / "index.npz",
        offsets=np.cumsum([0] + [len(one) for one in packed]),
        nodule=nodule.astype(np.int32),
        slice=np.tile(np.arange(slices), train + val).astype(np.int16),
        z_mm=np.tile(np.arange(slices) * 2.5, train + val).astype(np.float32),
        masks_bits=np.stack(masks),
    )
    with (folder / "nodules.csv").open("w", newline="", encoding="utf-8") as table:
        csv.writer(table).writerows([COLUMNS.split(), *rows])
    return folder


def crop(radius: float, readers: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw one crop uint8 (128, 128) and its mask bits: reader r drew the disc r / 2 pixels wider."""
    row, column = np.mgrid[:SIZE, :SIZE] - SIZE / 2.0
    away = np.hypot(row, column)
    image = np.where(away < radius, 200.0, 40.0) + random.normal(0.0, 6.0, (SIZE, SIZE))
    image[:, 110:] = 220.0
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for reader in range(readers):
        mask |= (away < radius + reader / 2.0).astype(np.uint8) << np.uint8(reader)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), mask
