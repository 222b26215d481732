"""The files of one series from several scans: each image once, its copies apart, and which of them is used."""

import os
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from medviewer.app.library.pack import Filed
from medviewer.dicom.catalogue import image_key


@dataclass(frozen=True)
class Shelf:
    """What is known of one series: the files used, one header an image, and the same images at other paths."""

    files: tuple[Filed, ...] = ()
    copies: tuple[Filed, ...] = ()


def merge(known: Shelf, found: Sequence[Filed]) -> Shelf:
    """Return ``known`` with the files of a new scan; an image found at another path too counts once.

    The place known first stays in use for as long as it is there. A path that now holds another image no longer
    stands for the old one.
    """
    now_at: dict[str, set[Hashable]] = {}
    for file in found:
        now_at.setdefault(file.path, set()).add(image_key(file.header))
    images: dict[Hashable, dict[str, Filed]] = {}
    for file in (*known.files, *known.copies):
        key = image_key(file.header)
        if file.path not in now_at or key in now_at[file.path]:
            images.setdefault(key, {})[file.path] = file
    for file in found:
        images.setdefault(image_key(file.header), {})[file.path] = file
    return _chosen(images.values())


def settle(known: Shelf) -> Shelf:
    """Return ``known`` after a look at the disk: a copy takes the place of a file that is gone."""
    return merge(known, ()) if known.copies else known


def without(known: Shelf, paths: frozenset[str]) -> Shelf:
    """Return ``known`` less the files at ``paths``; a copy takes the place of one of them."""
    if not any(file.path in paths for file in (*known.files, *known.copies)):
        return known
    files = tuple(file for file in known.files if file.path not in paths)
    return merge(Shelf(files, tuple(file for file in known.copies if file.path not in paths)), ())


def _chosen(images: Iterable[dict[str, Filed]]) -> Shelf:
    """Use the first place of each image that is there; places that are gone are no copies."""
    files: list[Filed] = []
    copies: list[Filed] = []
    there: dict[str, bool] = {}
    for places in images:
        if len(places) == 1:
            files.extend(places.values())
            continue
        found = [file for file in places.values() if _is_there(file.path, there)]
        files.append(found[0] if found else next(iter(places.values())))
        copies.extend(found[1:])
    return Shelf(tuple(files), tuple(copies))


def _is_there(path: str, known: dict[str, bool]) -> bool:
    if path not in known:
        known[path] = os.path.exists(path)
    return known[path]
