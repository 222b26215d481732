"""Headers and series as they travel and as they judge."""

import pickle

from medviewer.core.study import GEOMETRY, Check, Header, Patient, Series
from medviewer.i18n import N_


def test_a_header_arrives_in_another_process_as_it_was() -> None:
    header = Header("a.dcm", "1", "2", "3", "4", patient=Patient("P1", "Doe^Jane"), rows=512, suv=0.5, b_value=1000.0)
    arrived = pickle.loads(pickle.dumps(header))
    assert arrived == header
    assert arrived.patient.name == "Doe^Jane"


def test_only_stops_about_geometry_say_that_there_is_no_volume() -> None:
    def series(code: str, severity: str) -> Series:
        return Series("1", (), (Check(code, severity, N_("Odd.")),))  # type: ignore[arg-type]

    assert [check.code for check in series("gantry-tilt", "stop").misplaced] == ["gantry-tilt"]
    assert series("not-hu", "stop").misplaced == ()
    assert series("spacing-varies", "warning").misplaced == ()
    assert "not-hu" not in GEOMETRY
