"""What a process that tries a stranger's network may do instead of answering."""

import os
import pickle
import threading
from multiprocessing.connection import Connection


def die(_pipe: Connection, _folder: str, _write: bool, _language: str) -> None:
    """End at once, as the system ends what takes too much memory."""
    os.abort()


def hang(_pipe: Connection, _folder: str, _write: bool, _language: str) -> None:
    """Never answer."""
    threading.Event().wait()


def lie(pipe: Connection, _folder: str, _write: bool, _language: str) -> None:
    """Answer with an object instead of text."""
    pipe.send_bytes(pickle.dumps({"difference": 0.0}))
