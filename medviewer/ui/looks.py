"""What the files say of showing their pictures, read beside the work when a picture is looked at."""

from collections import OrderedDict
from collections.abc import Callable

from medviewer.core.look import PLAIN, Look
from medviewer.core.study import Header
from medviewer.dicom.looks.looks import needs_look, read_look
from medviewer.i18n import _
from medviewer.ui.jobs import Jobs

MOST, MOST_BYTES = 64, 1 << 26
MOST_WAITING = 24  # two windows full of viewports, each with an image of its own


class Looks:
    """Reads one look at a time and keeps the last ones; ``changed`` is called when another is known.

    Viewports side by side want several at once: each is read in its turn, the last one wanted first.
    Pictures that their Header describes fully (ordinary CT, MR and PET slices) cause no reading.
    """

    def __init__(self, jobs: Jobs, changed: Callable[[], None]) -> None:
        self._jobs, self._changed = jobs, changed
        self._known: OrderedDict[tuple[str, int], Look] = OrderedDict()
        self._waiting: OrderedDict[tuple[str, int], Header] = OrderedDict()
        self._busy = False

    def of(self, header: Header) -> Look:
        """Return the look of an image as far as it is known."""
        return self._known.get(_key(header), PLAIN)

    def awaited(self, header: Header) -> bool:
        """Whether the image cannot be shown rightly before its look has been read."""
        return header.voi_lut and _key(header) not in self._known

    def want(self, header: Header) -> None:
        """Read the look of an image soon, where it needs one."""
        if needs_look(header):
            self.ask(header)

    def ask(self, header: Header) -> None:
        """Read the look of any image soon, for its list of windows."""
        if _key(header) not in self._known:
            self._waiting[_key(header)] = header
            self._waiting.move_to_end(_key(header))
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
            self._go_on()

    def _go_on(self) -> None:
        """Read what is wanted by now; images leafed over long ago are left out."""
        if self._busy or not self._waiting:
            return
        _place, header = self._waiting.popitem()
        self._busy = True
        self._jobs.start(
            _("Reading how an image is to be shown"),
            lambda _job: read_look(header),
            done=lambda look: self._keep(header, look),
            failed=lambda _error: self._keep(header, PLAIN),  # the image itself is shown all the same
            cancelled=self._free,
            quiet=True,
        )

    def _free(self) -> None:
        self._busy = False
        self._go_on()

    def _keep(self, header: Header, look: Look) -> None:
        self._busy = False
        self._known[_key(header)] = look
        self._waiting.pop(_key(header), None)
        while len(self._known) > 1 and (len(self._known) > MOST or self._bytes > MOST_BYTES):
            self._known.popitem(last=False)
        self._changed()
        self._go_on()

    @property
    def _bytes(self) -> int:
        return sum(overlay.bits.nbytes for look in self._known.values() for overlay in look.overlays)


def _key(header: Header) -> tuple[str, int]:
    """The frames of a file share their look but for overlays, which may have frames of their own."""
    return header.path, header.frame if header.overlays else 0
