"""Each study comes to the viewports as a reader would hang it; what is ambiguous or missing never leaves a hole."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medviewer.app.hanging import file
from medviewer.app.hanging.hang import Hung, Shown, hang, own_folder, protocols, read_protocols, tightened
from medviewer.app.hanging.protocol import TITLES, Protocol
from medviewer.core.arrangement import Arrangement, Cell
from medviewer.core.study import Check, Series, Study
from medviewer.i18n import N_
from tests.app.hangings import AXIAL, CORONAL, SAGITTAL, film, stack, study


def grid_of(hung: Hung) -> list[tuple[str, str, tuple[int, int, int, int]]]:
    return [(cell.kind, cell.display, place) for cell, place in hung.arrangement.cells]


def series_of(hung: Hung) -> dict[str, str]:
    return {name: shown.series_uid for name, shown in hung.displays.items()}


def test_the_files_that_come_with_the_program_are_sound_and_their_titles_are_translatable() -> None:
    found, problems = read_protocols()
    assert problems == ()
    assert {one.title for one in found} == {title.to("en") for title in TITLES}
    assert not any(one.own for one in found)


# ---- CT ----


def chest(uid: str = "1.1", words: str = "Lung 1.0", **said: Any) -> Series:
    return stack(uid, "CT", words, **{"body_part": "CHEST", **said})


def earlier(date: str = "20250101", uid: str = "9", **said: Any) -> Study:
    return study(chest(f"{uid}.1", study=uid, study_date=date, **said), uid=uid)


def test_a_chest_ct_hangs_beside_its_prior() -> None:
    hung = hang(study(chest()), [earlier()])
    assert hung.protocol.id == "ct-chest-prior"
    assert hung.displays == {"main": Shown("1", "1.1"), "prior": Shown("9", "9.1", prior=True)}
    assert grid_of(hung) == [
        ("axial", "main", (0, 0, 1, 1)), ("axial", "prior", (0, 1, 1, 1)),
        ("coronal", "main", (1, 0, 1, 1)), ("coronal", "prior", (1, 1, 1, 1)),
    ]  # fmt: skip
    assert hung.why.to("en") == "Chest CT beside the earlier one (earlier examination: 2025-01-01)"


def test_the_latest_prior_that_can_be_compared_is_taken() -> None:
    film_since = study(film("8.1", "DX", "PA", study="8", study_date="20251201"), uid="8")
    hung = hang(study(chest()), [earlier("20240101", "7"), film_since, earlier("20250601", "9")])
    assert hung.displays["prior"].study_uid == "9"


def test_of_a_prior_the_series_most_like_the_one_read_is_taken() -> None:
    old = study(
        chest("9.1", "Mediastinum", study="9", kernel="B30f", series_number=1),
        chest("9.2", "Thin", study="9", kernel="B70f", thickness_mm=1.0, series_number=2),
        chest("9.3", "Thick", study="9", kernel="B70f", thickness_mm=5.0, series_number=3),
        uid="9",
    )
    hung = hang(study(chest(kernel="B70f", thickness_mm=1.25)), [old])
    assert hung.displays["prior"].series_uid == "9.2"


def test_a_prior_of_another_patient_area_does_not_make_an_abdomen_a_chest() -> None:
    hung = hang(study(stack("1.1", "CT", "Liver", body_part="ABDOMEN")), [earlier()])
    assert hung.protocol.id == "ct-mpr"


def test_the_body_part_is_found_in_the_descriptions_where_the_file_does_not_say_it() -> None:
    hung = hang(study(stack("1.1", study_description="CT THORAX W/O")), [earlier()])
    assert hung.protocol.id == "ct-chest-prior"


def test_a_ct_alone_hangs_in_three_planes_with_the_close_up() -> None:
    hung = hang(study(chest()))
    assert [kind for kind, _display, _place in grid_of(hung)] == ["axial", "coronal", "sagittal", "axial"]
    assert [cell.close_up for cell, _place in hung.arrangement.cells] == [False, False, False, True]
    assert hung.arrangement.cells[0][1] == (0, 0, 3, 1)
    assert hung.arrangement.widths == (5, 2)


def test_a_ct_that_is_no_volume_hangs_as_one_image() -> None:
    tilted = replace(chest(), checks=(Check("gantry-tilt", "stop", N_("x")),))
    for series in (tilted, replace(chest(), grid=None)):
        hung = hang(study(series))
        assert (hung.protocol.id, grid_of(hung)) == ("single", [("native", "main", (0, 0, 1, 1))])
        assert hung.displays == {"main": Shown("1", "1.1")}


# ---- films ----


def test_a_chest_film_hangs_in_two_views_whatever_their_order() -> None:
    both = film("1.1", "DX", "LL", study_date="20260101"), film("1.2", "DX", "PA")
    for order in (both, both[::-1]):
        hung = hang(study(*order))
        assert hung.protocol.id == "xray-two-views"
        assert series_of(hung) == {"main": "1.2", "2": "1.1"}


def test_two_views_in_one_series_are_shown_as_two_images() -> None:
    hung = hang(study(film("1.1", "CR", "LATERAL", "PA")))
    assert hung.displays == {"main": Shown("1", "1.1", image=1), "2": Shown("1", "1.1", image=0)}


def test_views_are_read_from_descriptions_where_the_files_do_not_say_them() -> None:
    series = [film(f"1.{n}", "DX", "", series_description=words) for n, words in enumerate(("Chest LAT", "Chest PA"))]
    assert series_of(hang(study(*series))) == {"main": "1.1", "2": "1.0"}


def test_a_film_taken_the_wrong_way_round_is_mirrored() -> None:
    mirrored = film("1.1", "DX", "PA", right_bottom="R\\F"), film("1.2", "DX", "LL", right_bottom="A\\F")
    hung = hang(study(*mirrored))
    assert (hung.displays["main"].flipped_h, hung.displays["main"].flipped_v) == (True, False)
    assert not hung.displays["2"].flipped_h


def test_one_film_hangs_alone() -> None:
    assert hang(study(film("1.1", "DX", "PA"))).protocol.id == "single"
    assert hang(study(film("1.1", "DX", "PA", "PA"))).displays == {"main": Shown("1", "1.1", image=0)}


# ---- mammograms ----

VIEWS = {"R CC": "P\\L", "L CC": "A\\R", "R MLO": "P\\FL", "L MLO": "A\\FR"}


def breasts(**said: Any) -> list[Series]:
    return [film(f"1.{n}", "MG", view, right_bottom=right, **said) for n, (view, right) in enumerate(VIEWS.items())]


def shown_views(hung: Hung, given: Study) -> dict[tuple[int, int], str]:
    headers = {series.uid: series.headers for series in given.series}
    found = {}
    for _kind, display, place in grid_of(hung):
        shown = hung.displays[display]
        header = headers[shown.series_uid][shown.image or 0]
        found[place[:2]] = f"{header.laterality} {header.view_position}"
    return found


WANTED = {(0, 0): "R CC", (0, 1): "L CC", (1, 0): "R MLO", (1, 1): "L MLO"}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_right_breast_hangs_on_the_left_of_the_screen_back_to_back(order: tuple[int, ...]) -> None:
    series = breasts()
    given = study(*(series[n] for n in order))
    hung = hang(given)
    assert hung.protocol.id == "mg-four-views"
    assert shown_views(hung, given) == WANTED
    against = {place[1]: hung.displays[name].against for _kind, name, place in grid_of(hung)}
    assert against == {0: "right", 1: "left"}
    assert not any(shown.flipped_h or shown.flipped_v for shown in hung.displays.values())


def test_the_chest_wall_points_inward_however_the_films_were_stored() -> None:
    turned = {"P": "A", "A": "P"}
    series = [
        film(f"1.{n}", "MG", view, right_bottom=turned[right[0]] + right[1:])
        for n, (view, right) in enumerate(VIEWS.items())
    ]
    shown = hang(study(*series)).displays.values()
    assert [(one.flipped_h, one.flipped_v) for one in shown] == [(True, False)] * 4
    upside_down = [film("1.0", "MG", "R CC", right_bottom="A\\R"), *breasts()[1:]]
    first = hang(study(*upside_down)).displays["main"]
    assert (first.flipped_h, first.flipped_v) == (True, True)


def test_four_views_in_one_series_and_views_named_in_words_only() -> None:
    one = study(film("1.1", "MG", "L MLO", "R CC", "R MLO", "L CC"))
    assert shown_views(hang(one), one) == WANTED
    named = study(
        *(film(f"1.{n}", "MG", "", series_description=w) for n, w in enumerate(("LCC", "RMLO", "R CC", "L MLO")))
    )
    assert series_of(hang(named)) == {"main": "1.2", "2": "1.0", "3": "1.1", "4": "1.3"}


def test_images_meant_for_programs_give_way_to_those_for_readers() -> None:
    raw = [replace(s, uid=f"2{s.uid}", headers=(replace(s.first, series_uid=f"2{s.uid}",
           sop_class="1.2.840.10008.5.1.4.1.1.1.2.1"),)) for s in breasts()]  # fmt: skip
    assert all(uid.startswith("1.") for uid in series_of(hang(study(*raw, *breasts()))).values())


def test_a_side_missing_or_unknown_hangs_one_image_rather_than_a_wrong_one() -> None:
    assert hang(study(*breasts()[:3])).protocol.id == "single"
    unknown = [film(f"1.{n}", "MG", view.split()[1]) for n, view in enumerate(VIEWS)]
    assert hang(study(*unknown)).protocol.id == "single"


# ---- MR ----


def head(*words: str, **said: Any) -> list[Series]:
    return [stack(f"1.{n}", "MR", text, series_number=n, **said) for n, text in enumerate(words, 1)]


@pytest.mark.parametrize(("count", "columns"), [(2, 2), (3, 3), (4, 2), (5, 3), (6, 3)])
def test_mr_sequences_hang_side_by_side_without_holes(count: int, columns: int) -> None:
    series = head(*["T1", "T2", "FLAIR", "DWI b1000", "ADC", "SWI", "T1 Gd"][:count])
    hung = hang(study(*series))
    assert hung.protocol.id == "mr-sequences"
    assert sorted(series_of(hung).values()) == [one.uid for one in series]
    assert len(hung.arrangement.cells) == count
    assert len(hung.arrangement.widths) == columns


def test_sequences_in_other_planes_repeats_and_localizers_stay_out() -> None:
    series = [
        stack("1.1", "MR", "Survey", image_type="ORIGINAL\\PRIMARY\\LOCALIZER", series_number=1),
        stack("1.2", "MR", "T2 ax", series_number=2),
        stack("1.3", "MR", "t2  AX", series_number=3),
        stack("1.4", "MR", "T1 sag", orientation=SAGITTAL, series_number=4),
        stack("1.5", "MR", "FLAIR ax", orientation=AXIAL, series_number=5),
        stack("1.6", "MR", "T2 cor", orientation=CORONAL, series_number=6),
    ]
    assert series_of(hang(study(*series))) == {"main": "1.2", "2": "1.5"}


def test_one_sequence_hangs_alone() -> None:
    assert hang(study(*head("T1"))).protocol.id == "single"


# ---- PET/CT ----


def pet_ct(**said: Any) -> Study:
    return study(stack("1.1", "CT", "CT WB", **said), stack("1.2", "PT", "PET NAC"), stack("1.3", "PT", "PET AC"))


def test_pet_ct_hangs_as_ct_pet_fused_and_mip() -> None:
    hung = hang(pet_ct())
    assert hung.protocol.id == "pet-ct"
    assert series_of(hung) == {"main": "1.1", "2": "1.3", "3": "1.1"}
    over = hung.displays["3"].over
    assert over is not None
    assert (over.display, over.share) == ("2", 0.5)
    shown = {(cell.kind, cell.display, cell.slab.blend if cell.slab.mm else "") for cell, _ in hung.arrangement.cells}
    assert shown >= {("axial", "main", ""), ("axial", "2", ""), ("axial", "3", ""), ("coronal", "2", "max")}


def test_pet_ct_of_a_chest_with_a_prior_still_hangs_as_pet_ct() -> None:
    assert hang(pet_ct(body_part="CHEST"), [earlier()]).protocol.id == "pet-ct"


def test_with_the_pet_read_it_is_the_main_display_and_the_fusion_follows() -> None:
    given = pet_ct()
    hung = hang(given, (), given.series[2])
    assert series_of(hung) == {"main": "1.3", "2": "1.1", "3": "1.1"}
    assert hung.displays["3"].over is not None
    assert hung.displays["3"].over.display == "main"
    assert ("coronal", "main") in [(kind, name) for kind, name, _place in grid_of(hung)][-3:]


# ---- choosing ----


def test_a_protocol_that_does_not_show_the_series_read_is_not_used() -> None:
    given = study(*head("T1", "T2"), stack("1.9", "MR", "T1 sag", orientation=SAGITTAL, series_number=9))
    hung = hang(given, (), given.series[2])
    assert hung.displays == {"main": Shown("1", "1.9")}


def test_nothing_to_show_hangs_nothing() -> None:
    report = replace(stack("1.1", "SR"), kind="report", grid=None)
    assert hang(study(report)).displays == {}


def test_of_several_that_fit_the_readers_own_goes_first_then_the_one_that_knows_most() -> None:
    by_id = {one.id: one for one in protocols()}
    own = replace(by_id["ct-mpr"], id="mine", own=True)
    known = [by_id["ct-mpr"], by_id["ct-chest-prior"]]
    assert hang(study(chest()), [earlier()], known=known).protocol.id == "ct-chest-prior"
    assert hang(study(chest()), [earlier()], known=[*known, own]).protocol.id == "mine"


def test_a_file_of_the_reader_takes_the_place_of_the_programs_and_a_bad_one_is_named() -> None:
    folder = own_folder()
    folder.mkdir()
    (folder / "ct-mpr.toml").write_text(
        'title = "One"\nlayout = ["a"]\n[sets.main]\n[cells]\na = { kind = "axial" }\n', "utf-8"
    )
    (folder / "broken.toml").write_text('title = "No"\nlayout = ["a b", "b a"]\n[sets.main]\n[cells]\na = {}\nb = {}\n')
    found, problems = read_protocols()
    assert {one.id: one.own for one in found}["ct-mpr"]
    assert [problem.text for problem in problems] == [
        "The hanging protocol 'broken.toml' cannot be used: the viewport 'a' is no rectangle."
    ]
    assert str(folder / "broken.toml") in problems[0].hint


def test_a_protocol_is_read_once_until_its_file_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = own_folder()
    folder.mkdir()
    mine = 'title = "{title}"\nlayout = ["a"]\n[sets.main]\n[cells]\na = {{ kind = "axial" }}\n'
    (folder / "mine.toml").write_text(mine.format(title="First"), "utf-8")
    assert protocols()[0].title == "First"
    parse, parsed = file.parse, list[str]()

    def note(data: Mapping[str, Any], protocol_id: str, own: bool) -> Protocol:
        parsed.append(protocol_id)
        return parse(data, protocol_id, own)

    monkeypatch.setattr(file, "parse", note)
    assert protocols()[0].title == "First"
    assert parsed == []
    (folder / "mine.toml").write_text(mine.format(title="Another"), "utf-8")
    assert protocols()[0].title == "Another"
    assert parsed == ["mine"]


def test_an_arrangement_without_holes_stays_as_it_is() -> None:
    two = Arrangement.grid(1, 2, (Cell("native"), Cell("native", "2")))
    displays = {"main": Shown("1", "1.1"), "2": Shown("1", "1.2")}
    assert tightened(two, displays) is two
    assert tightened(two, {"main": displays["main"]}).cells == ((Cell("native"), (0, 0, 1, 1)),)


@pytest.mark.data
def test_real_pet_ct_and_a_real_chest_film_hang(shared_data: Path) -> None:
    from medviewer.app.scanning import scan_into
    from medviewer.core.job import Job
    from medviewer.dicom.catalogue import Catalogue

    catalogue = Catalogue()
    scan_into(catalogue, shared_data / "dicom" / "pet-ct-mr-STS_001", Job())
    hung = {hang(one).protocol.id for one in catalogue.studies()}
    assert "pet-ct" in hung
