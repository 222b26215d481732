"""The drawings of a presentation state: graphic layers with their shapes and texts."""

from typing import cast, get_args

from medviewer.core.presentation import Colour, Graphic, GraphicKind, GraphicLayer, Points, Text, Units
from medviewer.dicom.objects.colours import from_cielab
from medviewer.dicom.objects.reading import Data, numbers, sequence, text

_KINDS = frozenset(get_args(GraphicKind))
_POINTS_NEEDED = {"POINT": 1, "CIRCLE": 2, "ELLIPSE": 4, "POLYLINE": 2, "INTERPOLATED": 2}
_MOST_POINTS, _MOST_TEXT = 100_000, 1000


def layers_of(data: Data, annotations: list[Data]) -> tuple[GraphicLayer, ...]:
    """Return the layers in their order with what ``annotations`` (items of one image) draw in them."""
    described = {text(item, "GraphicLayer"): item for item in sequence(data, "GraphicLayerSequence")}
    drawn: dict[str, tuple[list[Graphic], list[Text]]] = {}
    for item in annotations:
        graphics, texts = drawn.setdefault(text(item, "GraphicLayer"), ([], []))
        graphics += [shape for one in sequence(item, "GraphicObjectSequence") if (shape := _graphic(one)) is not None]
        texts += [words for one in sequence(item, "TextObjectSequence") if (words := _text(one)) is not None]
    layers = [
        GraphicLayer(name, _order(described.get(name)), colour_of(described.get(name)), tuple(shapes), tuple(texts))
        for name, (shapes, texts) in drawn.items()
    ]
    return tuple(sorted(layers, key=lambda layer: layer.order))


def _order(layer: Data | None) -> int:
    order = numbers(layer, "GraphicLayerOrder")
    return int(order[0]) if order else 0


def colour_of(layer: Data | None) -> Colour | None:
    """Return the colour that a graphic layer recommends, from CIELab, else its grey; None where it names none."""
    lab = from_cielab(numbers(layer, "GraphicLayerRecommendedDisplayCIELabValue"))
    if lab is not None:
        return lab
    grey = numbers(layer, "GraphicLayerRecommendedDisplayGrayscaleValue")
    if not grey:
        return None
    value = min(max(round(grey[0] / 257.0), 0), 255)
    return value, value, value


def _graphic(item: Data) -> Graphic | None:
    kind = text(item, "GraphicType")
    points = _points(numbers(item, "GraphicData"))
    if kind not in _KINDS or not _POINTS_NEEDED[kind] <= len(points) <= _MOST_POINTS:
        return None
    filled = text(item, "GraphicFilled") == "Y"
    return Graphic(cast(GraphicKind, kind), points, _units(item, "GraphicAnnotationUnits"), filled)


def _text(item: Data) -> Text | None:
    words = text(item, "UnformattedTextValue")[:_MOST_TEXT]
    top_left = _point(numbers(item, "BoundingBoxTopLeftHandCorner"))
    anchor = _point(numbers(item, "AnchorPoint"))
    if not words or (top_left is None and anchor is None):
        return None
    return Text(
        words,
        top_left,
        _point(numbers(item, "BoundingBoxBottomRightHandCorner")),
        _units(item, "BoundingBoxAnnotationUnits"),
        anchor,
        _units(item, "AnchorPointAnnotationUnits"),
        text(item, "AnchorPointVisibility") == "Y",
    )


def _units(item: Data, keyword: str) -> Units:
    return "DISPLAY" if text(item, keyword) == "DISPLAY" else "PIXEL"


def _points(listed: tuple[float, ...]) -> Points:
    return tuple(zip(listed[0::2], listed[1::2], strict=False))


def _point(listed: tuple[float, ...]) -> tuple[float, float] | None:
    return (listed[0], listed[1]) if len(listed) == 2 else None
