"""Small pictures of series kept in the library's index, the least used given up first; called with a connection."""

import time

from sqlalchemy import Connection, delete, func, select

from medviewer.app.library.index import series, thumbnails

ALL_BYTES, ONE_BYTES = 200_000_000, 500_000
ROOM_SHARE = 0.9  # how full it is after making room: not to make room again for each picture
USE_NOTED_AFTER_S = 86_400  # a picture's use is written down once a day, not at each look


def get(connection: Connection, series_uid: str) -> tuple[bytes, bool] | None:
    """Return the PNG of a series and whether its use should be noted (``touch``); None where there is none.

    None too where two studies, against the standard, share the series' UID: whose picture it is cannot be told.
    """
    studies = select(func.count(series.c.study_uid.distinct())).where(series.c.series_uid == _base(series_uid))
    if connection.execute(studies).scalar_one() > 1:
        return None
    mine = select(thumbnails.c.png, thumbnails.c.used_at).where(thumbnails.c.series_uid == series_uid)
    row = connection.execute(mine).first()
    return None if row is None else (row.png, time.time() - row.used_at > USE_NOTED_AFTER_S)


def touch(connection: Connection, series_uid: str) -> None:
    """Note that a picture was used."""
    mine = thumbnails.c.series_uid == series_uid
    connection.execute(thumbnails.update().where(mine).values(used_at=int(time.time())))


def keep(connection: Connection, series_uid: str, png: bytes, all_bytes: int = ALL_BYTES) -> None:
    """Keep the PNG of a known series in place of an earlier one; one of more than ``ONE_BYTES`` is not kept.

    Where all together would exceed ``all_bytes``, those not used for longest go.
    """
    connection.execute(delete(thumbnails).where(thumbnails.c.series_uid == series_uid))
    known = select(series.c.series_uid).where(series.c.series_uid == _base(series_uid)).limit(1)
    if len(png) > ONE_BYTES or connection.execute(known).first() is None:
        return
    held = connection.execute(select(func.coalesce(func.sum(thumbnails.c.size), 0))).scalar_one()
    if held + len(png) > all_bytes:
        _make_room(connection, held + len(png) - int(all_bytes * ROOM_SHARE))
    row = {"series_uid": series_uid, "used_at": int(time.time()), "size": len(png), "png": png}
    connection.execute(thumbnails.insert().values(row))


def _base(series_uid: str) -> str:
    """Return the UID in the files of a stack's UID (UID#2 …)."""
    return series_uid.partition("#")[0]


def _make_room(connection: Connection, wanted_bytes: int) -> None:
    oldest = select(thumbnails.c.series_uid, thumbnails.c.size).order_by(thumbnails.c.used_at, thumbnails.c.series_uid)
    given_up = []
    for series_uid, size in connection.execute(oldest):
        if wanted_bytes <= 0:
            break
        given_up.append(series_uid)
        wanted_bytes -= size
    for series_uid in given_up:
        connection.execute(delete(thumbnails).where(thumbnails.c.series_uid == series_uid))


def forget(connection: Connection, series_uids: list[str]) -> None:
    """Give up the pictures of series, those of their split-off stacks (UID#2 …) too."""
    for uid in series_uids:
        stacks = func.substr(thumbnails.c.series_uid, 1, len(uid) + 1) == f"{uid}#"
        connection.execute(delete(thumbnails).where((thumbnails.c.series_uid == uid) | stacks))
