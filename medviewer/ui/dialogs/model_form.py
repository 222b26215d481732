"""What a model's files do not say, asked of who adds it: above all what it is meant for, and what not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from medviewer.i18n import N_, Message, _
from medviewer.ui import theme
from medviewer.ui.cards import QuietCombo, label, scrolled

if TYPE_CHECKING:
    from medviewer.ai.foreign.brought import Brought

WIDE_PX, HIGH_PX, TEXT_PX = 620, 680, 64
MODALITIES = ("CT", "MR", "PT")
KINDS: dict[str, Message] = {
    "range": N_("from a fixed range, as -1000 400 to 0 1"),
    "minimum-maximum": N_("from the volume's minimum and maximum"),
    "z-score": N_("to mean 0 and standard deviation 1"),
}
LINES: dict[str, tuple[Message, Message]] = {
    "id": (N_("Id"), N_("Small letters, digits and dashes")),
    "title": (N_("Title"), N_("How the model is called on the screen")),
    "patch": (N_("Patch, voxels"), N_("What the network takes at once, as 96 96 96; two numbers for single slices")),
    "spacing_mm": (N_("Spacing, mm"), N_("As 1.5 1.5 2.0, in the order of the axes; empty: as the series has it")),
    "axes": (N_("Axes"), N_("Where the axes of its input point: RAS is usual; PL for single axial slices")),
    "range": (N_("Values"), N_("From which to which values, and to which, as -1000 400 0 1")),
    "labels": (N_("Labels"), N_("What each channel outlines, as 1 liver, 2 spleen; channel 0 is mostly background")),
    "licence": (N_("Licence"), N_("Under which terms it may be used")),
}
TEXTS: dict[str, Message] = {
    "intended": N_("What is it meant for?"),
    "not_for": N_("What must it not be used for?"),
}


class ModelForm(QDialog):
    """Lines filled in as far as the files say them; without intended use and its limits nothing is added."""

    def __init__(self, brought: "Brought", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brought = brought
        self.setWindowTitle(_("Add a model"))
        self.lines = {name: QLineEdit() for name in LINES}
        self.texts = {name: QPlainTextEdit() for name in TEXTS}
        self.modality, self.kind = QuietCombo(), QuietCombo()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = self.buttons.addButton(_("Try and add"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._fill()
        self._lay_out()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        for text in self.texts.values():
            text.textChanged.connect(self._allow)
        self._allow()

    def _fill(self) -> None:
        said = self._brought.said
        given, use = said.get("input", {}), said.get("use", {})
        intensity = given.get("intensity", {})
        shown = {
            "id": self._brought.name,
            "title": said.get("title") or self._brought.name,
            "patch": _spaced(given.get("patch", ())),
            "spacing_mm": _spaced(given.get("spacing_mm", ())),
            "axes": given.get("axes", ""),
            "range": _spaced(intensity[name] for name in ("low", "high", "to_low", "to_high") if name in intensity),
            "labels": ", ".join(
                f"{each['channel']} {each['name']}" for each in said.get("output", {}).get("labels", ())
            ),
            "licence": use.get("licence", ""),
        }
        for name, text in shown.items():
            self.lines[name].setText(str(text))
        self.texts["intended"].setPlainText(str(use.get("intended", "")))
        _offer(self.modality, {name: name for name in MODALITIES}, str(given.get("modality", "CT")))
        _offer(self.kind, {name: str(title) for name, title in KINDS.items()}, str(intensity.get("kind", "range")))

    def _lay_out(self) -> None:
        form, fields = QFormLayout(), QWidget()
        for name in ("id", "title"):
            self._row(form, name)
        for name, title in TEXTS.items():
            self.texts[name].setAccessibleName(str(title))
            self.texts[name].setFixedHeight(theme.px(TEXT_PX))
            self.texts[name].setTabChangesFocus(True)
            form.addRow(label(str(title), "strong"), self.texts[name])
        self.modality.setAccessibleName(_("Modality"))
        self.kind.setAccessibleName(_("Values are scaled"))
        form.addRow(label(_("Modality")), self.modality)
        for name in ("labels", "patch", "axes", "spacing_mm"):
            self._row(form, name)
        form.addRow(label(_("Values are scaled")), self.kind)
        for name in ("range", "licence"):
            self._row(form, name)
        fields.setLayout(form)
        whole = QVBoxLayout(self)
        trust = _(
            "A network is a program and runs with your rights: add only models from people you trust. MedViewer has not"
            " measured how well it does."
        )
        whole.addWidget(label(trust, "caution"))
        if self._brought.strange:
            from medviewer.ai.foreign.adding import strange_step

            whole.addWidget(label(strange_step(self._brought), "caution"))
        whole.addWidget(scrolled(fields), 1)
        whole.addWidget(self.buttons)
        room = self.screen().availableGeometry()
        self.resize(min(theme.px(WIDE_PX), room.width()), min(theme.px(HIGH_PX), room.height()))

    def _row(self, form: QFormLayout, name: str) -> None:
        title, tip = LINES[name]
        line = self.lines[name]
        line.setToolTip(str(tip))
        line.setPlaceholderText(str(tip))
        line.setAccessibleName(str(title))
        line.setAccessibleDescription(str(tip))
        form.addRow(label(str(title)), line)

    def _allow(self) -> None:
        said = all(text.toPlainText().strip() for text in self.texts.values())
        self.add.setEnabled(said)
        self.add.setToolTip("" if said else _("Say first what the model is meant for, and what not."))

    def given(self) -> dict[str, Any]:
        """Return what the lines say, as tables of a model.toml; what cannot be read stands there as it was typed."""
        text = {name: line.text().strip() for name, line in self.lines.items()}
        kind = self.kind.currentData()
        intensity: dict[str, Any] = {"kind": kind}
        names = {"range": ("low", "high", "to_low", "to_high"), "minimum-maximum": ("low", "high", "to_low", "to_high")}
        intensity |= dict(zip(names.get(kind, ()), numbers(text["range"]), strict=False))
        before = self._brought.said.get("input", {}).get("intensity", {})
        if "clip" in before:
            intensity["clip"] = before["clip"]
        table = {
            "modality": self.modality.currentData(),
            "patch": [int(n) if n == int(n) else n for n in numbers(text["patch"])],
            "spacing_mm": numbers(text["spacing_mm"]),
            "intensity": intensity,
            "axes": text["axes"].upper(),
        }
        use = {name: each.toPlainText().strip() for name, each in self.texts.items()} | {"licence": text["licence"]}
        return {
            "id": text["id"],
            "title": text["title"],
            "input": table,
            "output": {"labels": labels(text["labels"])},
            "use": use,
        }


def numbers(text: str) -> list[float]:
    """Return the numbers in ``text``, apart by blanks or commas; none where one is no number."""
    try:
        return [float(part) for part in text.replace(",", " ").split()]
    except ValueError:
        return []


def labels(text: str) -> list[dict[str, Any]]:
    """Return what each channel outlines, of a text as "1 liver, 2 spleen"; a name alone is the next channel's."""
    found: list[dict[str, Any]] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        number, _blank, name = part.partition(" ")
        if number.isdigit() and name.strip():
            found.append({"channel": int(number), "name": name.strip()})
        else:
            found.append({"channel": found[-1]["channel"] + 1 if found else 1, "name": part})
    return found


def _spaced(values: Any) -> str:
    return " ".join(f"{value:g}" for value in values if isinstance(value, int | float))


def _offer(combo: QComboBox, choices: Mapping[str, str], chosen: str) -> None:
    for name, title in choices.items():
        combo.addItem(title, name)
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
