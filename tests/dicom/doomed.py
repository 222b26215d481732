"""A decode worker that dies and hangs on command; a file of its own, so that a spawned process starts fast."""

import os
import threading
from multiprocessing.connection import Connection

from medviewer.dicom.decode_worker import answer


def doomed(pipe: Connection, _memory_bytes: int) -> None:
    """Stand in for the worker's main: slice 1 kills it, slice 2 makes it hang, the others are read."""
    pipe.send(None)
    while (task := pipe.recv()) is not None:
        if task.k == 1:
            os._exit(1)
        if task.k == 2:
            threading.Event().wait()
        pipe.send(answer(task))
