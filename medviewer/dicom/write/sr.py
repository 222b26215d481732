"""Findings and their measures as a structured report (Comprehensive 3D SR, TID 1500)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medviewer import __version__
from medviewer.core.finding import LUNG, Code, Finding
from medviewer.core.problem import Problem
from medviewer.core.study import Header
from medviewer.dicom.write import sources
from medviewer.dicom.write.region import nearest, outline
from medviewer.i18n import N_, Message, _

SERIES_NUMBER = 9002
NO_FINDINGS = N_("No finding reported.")
_NODULE_TYPE = Code(sources.OWN_SCHEME, "nodule-type", "Nodule type")
_REVIEW = Code(sources.OWN_SCHEME, "review", "Review status")
_CERTAINTY = Code(sources.OWN_SCHEME, "certainty", "Certainty of the algorithm")
_LANGUAGES = {"zh_CN": ("zh-CN", "Chinese (China)")}
_CHEST = ("CHEST", "LUNG", "THORAX")


def write_sr(
    path: Path,
    study_headers: Sequence[Header],
    findings: Sequence[Finding],
    *,
    observer: str,
    language: str = "en",
    segmentation: Path | None = None,
) -> Path:
    """Write the measurement report of ``findings`` on the images of ``study_headers``.

    Every finding is a measurement group with its review status: a TID 1411 group that points to its segment where
    ``segmentation`` (a file of ``write_seg``) holds one, else a TID 1410 group with its box on the nearest image.
    Without findings the report says so in a sentence. Raises Problem where a source or the output fails.
    """
    images = [header for header in study_headers if header.rows]
    if not images:
        raise Problem(_("There is no image that a report could refer to."))
    return sources.save(_Report(images, findings, observer, language, segmentation).dataset(), path)


class _Report:
    """One report in the making: reads each source file it refers to once."""

    def __init__(
        self,
        images: Sequence[Header],
        findings: Sequence[Finding],
        observer: str,
        language: str,
        segmentation: Path | None,
    ) -> None:
        self._images, self._findings = images, findings
        self._observer, self._language = observer, language
        self._segments = _Segments(segmentation)
        self._by_uid = {header.sop_uid: header for header in images}

    def dataset(self) -> Any:
        """Build the whole SR object."""
        from highdicom.sr import Comprehensive3DSR

        content = self._content()
        return Comprehensive3DSR(
            evidence=self._evidence(),
            content=content[0],
            series_instance_uid=sources.new_uid(),
            series_number=SERIES_NUMBER,
            sop_instance_uid=sources.new_uid(),
            instance_number=1,
            is_complete=True,
            series_description=f"MedViewer report. {sources.NOTICE.to('en')}"[:64],
            specific_character_set="ISO_IR 192",
            record_evidence=False,
            **sources.EQUIPMENT,
        )

    def _evidence(self) -> list[Any]:
        """Return every object the report refers to: the images of the findings, the segmentation and its sources."""
        used = {self._image_of(found).sop_uid for found in self._findings} | self._segments.source_uids
        headers = [header for header in self._images if header.sop_uid in used] or [self._images[0]]
        return sources.read_sources(headers) + self._segments.datasets

    def _image_of(self, found: Finding) -> Header:
        return self._by_uid.get(found.sop_uid) or nearest(self._images, found.center_lps_mm)

    def _content(self) -> Any:
        from highdicom.sr import LanguageOfContentItemAndDescendants, MeasurementReport
        from pydicom.sr.codedict import codes

        value, meaning = _LANGUAGES.get(self._language, ("en", "English"))
        first = self._images[0]
        chest = any(word in first.body_part.upper() for word in _CHEST) or bool(self._findings)
        report = MeasurementReport(
            observation_context=self._observers(),
            procedure_reported=_procedure(first.modality, chest),
            imaging_measurements=[self._group(found) for found in self._findings] or [_nothing()],
            title=codes.DCM.ImagingMeasurementReport,
            language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
                sources.concept(Code("RFC5646", value, meaning))
            ),
        )
        comments = [sources.NOTICE] if self._findings else [sources.NOTICE, NO_FINDINGS]
        root = report[0]
        if not self._findings:
            _drop_measurements(root)
        root.ContentSequence.append(self._comments(comments))
        return report

    def _comments(self, messages: Sequence[Message]) -> Any:
        """Return the Qualitative Evaluations container of TID 1500 with one text each."""
        from highdicom.sr import CodedConcept, ContainerContentItem, RelationshipTypeValues, TextContentItem
        from highdicom.sr.value_types import ContentSequence
        from pydicom.sr.codedict import codes

        container = ContainerContentItem(
            name=CodedConcept("C0034375", "UMLS", "Qualitative Evaluations"),
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
        container.ContentSequence = ContentSequence(
            [
                TextContentItem(codes.DCM.Comment, message.to(self._language), RelationshipTypeValues.CONTAINS)
                for message in messages
            ]
        )
        return container

    def _observers(self) -> Any:
        from highdicom.sr import (
            DeviceObserverIdentifyingAttributes,
            ObservationContext,
            ObserverContext,
            PersonObserverIdentifyingAttributes,
        )
        from pydicom.sr.codedict import codes

        device = DeviceObserverIdentifyingAttributes(
            uid=sources.own_uid("device", "MedViewer"),
            name="MedViewer",
            manufacturer_name="MedViewer",
            model_name=f"MedViewer {__version__}",
        )
        person = None
        if self._observer:
            person = ObserverContext(codes.DCM.Person, PersonObserverIdentifyingAttributes(name=self._observer))
        return ObservationContext(
            observer_person_context=person,
            observer_device_context=ObserverContext(codes.DCM.Device, device),
        )

    def _group(self, found: Finding) -> Any:
        """Return the measurement group of one finding."""
        from highdicom import sr

        image = self._image_of(found)
        uid = sources.tracking_uid(image.study_uid, found)
        common: dict[str, Any] = {
            "tracking_identifier": sr.TrackingIdentifier(uid=uid, identifier=found.label or found.id),
            "finding_type": sources.concept(found.code),
            "finding_sites": [sr.FindingSite(sources.concept(LUNG), laterality=_side(found))]
            if found.is_nodule
            else None,
            "algorithm_id": found.model
            and sr.AlgorithmIdentification(name=found.model.id, version=found.model.version, manufacturer="MedViewer"),
            "measurements": _measurements(found),
            "qualitative_evaluations": _evaluations(found),
        }
        segment = self._segments.reference(uid)
        if segment is not None:
            return sr.VolumetricROIMeasurementsAndQualitativeEvaluations(referenced_segment=segment, **common)
        region = outline(found, image)
        if region is not None:
            return sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **common)
        images = [sr.SourceImageForMeasurementGroup(image.sop_class, image.sop_uid)]
        return sr.MeasurementsAndQualitativeEvaluations(source_images=images, **common)


class _Segments:
    """The segments of a SEG file by tracking UID; none where there is no file."""

    def __init__(self, path: Path | None) -> None:
        from highdicom.seg import segread

        self.datasets = [] if path is None else [_each_frame_named(segread(path))]
        self.source_uids: set[str] = set()

    def reference(self, uid: str) -> Any:
        """Return the reference to the segment of that tracking UID, None where there is none."""
        from highdicom.sr import ReferencedSegment

        for dataset in self.datasets:
            for segment in dataset.SegmentSequence:
                if segment.get("TrackingUID") == uid:
                    found = ReferencedSegment.from_segmentation(dataset, int(segment.SegmentNumber))
                    for item in found[1:]:
                        for image in item.get("ReferencedSOPSequence", []):
                            self.source_uids.add(str(image.ReferencedSOPInstanceUID))
                    return found
        return None


def _each_frame_named(segmentation: Any) -> Any:
    """Say of each frame which segment it shows, as highdicom looks for it there; a single segment is said once only."""
    shared = segmentation.SharedFunctionalGroupsSequence[0].get("SegmentIdentificationSequence")
    if shared is not None:
        for frame in segmentation.PerFrameFunctionalGroupsSequence:
            frame.SegmentIdentificationSequence = shared
    return segmentation


def _nothing() -> Any:
    """Return an empty group: highdicom builds no report without one, and ``_drop_measurements`` removes it again."""
    from highdicom.sr import MeasurementsAndQualitativeEvaluations, TrackingIdentifier

    return MeasurementsAndQualitativeEvaluations(TrackingIdentifier(sources.new_uid(), "none"))


def _drop_measurements(root: Any) -> None:
    """Take the Imaging Measurements away: TID 1500 asks for them or for Qualitative Evaluations."""
    from pydicom.sr.codedict import codes

    for place, item in reversed(list(enumerate(root.ContentSequence))):
        if item.name == codes.DCM.ImagingMeasurements:
            del root.ContentSequence[place]


def _procedure(modality: str, chest: bool) -> Any:
    if modality == "CT" and chest:
        return sources.concept(Code("LN", "24627-2", "CT Chest"))
    if modality == "CT":
        return sources.concept(Code("LN", "25045-6", "CT unspecified body region"))
    return sources.concept(Code("SCT", "363679005", "Imaging procedure"))


def _side(found: Finding) -> Any:
    side = {"right": Code("SCT", "24028007", "Right"), "left": Code("SCT", "7771000", "Left")}.get(
        str(found.attributes.get("side", "")).lower()
    )
    return side and sources.concept(side)


def _measurements(found: Finding) -> list[Any]:
    from highdicom.sr import Measurement
    from pydicom.sr.codedict import codes

    millimetres, unit_hu = codes.UCUM.Millimeter, codes.UCUM.HounsfieldUnit
    return [
        Measurement(codes.SCT.LongAxis, round(found.long_axis_mm, 2), millimetres),
        Measurement(codes.SCT.ShortAxis, round(found.short_axis_mm, 2), millimetres),
        Measurement(codes.SCT.Volume, round(found.volume_mm3, 2), codes.UCUM.CubicMillimeter),
        Measurement(codes.DCM.AttenuationCoefficient, round(found.mean_hu, 2), unit_hu, derivation=codes.SCT.Mean),
    ]


def _evaluations(found: Finding) -> list[Any]:
    from highdicom.sr import QualitativeEvaluation

    said = {_REVIEW: found.status, _CERTAINTY: found.wording, _NODULE_TYPE: found.attributes.get("nodule_type")}
    return [
        QualitativeEvaluation(sources.concept(name), sources.concept(Code(sources.OWN_SCHEME, value[:16], value)))
        for name, value in ((name, str(value)) for name, value in said.items() if value)
    ]
