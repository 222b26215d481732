"""The drawn crops with ratings, as the readers of LIDC-IDRI give them: larger discs look worse."""

import csv
from pathlib import Path

from medviewer.core.characters import MALIGNANCY, SCALES, SPICULATION
from medviewer.train.crops import READERS
from tests.train import synthetic


def write(folder: Path, train: int = 8, val: int = 6) -> Path:
    """Draw crops into ``folder`` and add to their table what each reader said, the diameter and a diagnosis."""
    synthetic.write(folder, train, val)
    with (folder / "nodules.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for n, row in enumerate(rows):
        worse = n % 4 < 2
        readers = int(row["n_readers"])
        row |= {"diam_mm": f"{8 + n % 5}", "mal_median": "4.0" if worse else "2.0", "diagnosis": "2" if worse else "1"}
        for scale in SCALES:
            step = (4 if worse else 2) if scale in (MALIGNANCY, SPICULATION) else scale.steps
            row |= {f"{scale.id}_{reader}": f"{step}.0" if reader < readers else "" for reader in range(READERS)}
    with (folder / "nodules.csv").open("w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder
