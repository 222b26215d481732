"""Texts come out as they were written, whatever was declared; and the names of Europe are never taken for Chinese."""

from pathlib import Path

import pydicom
import pytest

from medviewer.core.problem import Problem
from medviewer.dicom.header import read_header
from medviewer.dicom.headers.charset import codec_instead, decode_text
from tests.dicom.files import ramp, slice_file

CHINESE = [
    "王^小东", "张^伟", "张三", "李四", "欧阳^娜娜", "刘德华", "王^丽", "李娜", "陈^晓玥", "朱镕基", "周杰伦", "赵敏",
    "Zhang^San=张^三", "Wang^XiaoDong=王^小东", "诸葛亮", "司马^光", "孙^悦",
]  # fmt: skip
DESCRIPTIONS = [
    "胸部CT平扫",
    "头颅MRI平扫",
    "CT胸部",
    "上腹部增强",
    "T2加权抑脂",
    "平扫",
    "肺动脉CTA",
    "右膝关节正侧位",
]
LATIN_1 = [
    "Müller^Jürgen", "Buc^Jérôme", "Äneas^Rüdiger", "Åse^Ørjan", "Muñiz^Íñigo", "MUÑÍZ^JOSÉ", "Größe", "Süß^Jörg",
    "Müßig^Öö", "Åäö^Äö", "Noé^Zoé", "Éà^Öä", "ÑÍ^ÁÉ", "Þór^Æði", "Thorax à 1 m", "SÃO JOÃO", "Conceição^João",
    "GÜNTHER^ÄÖÜ", "Señor^Peña", "Fröhlich-Größl", "Ångström^Ærø", "Nº 5 «Él»", "½ dose", "10±2°", "Hôpital Érasme",
    "Lefèvre^Zoë", "MÜHLHÄUßER", "D'Éon", "ÉÈ^ÀÂ", "Thórður^Ægisdóttir", "GARCÍA^MªÁNGELES", "Öğüt",
]  # fmt: skip
OTHERS = [
    ("ИВАНОВ^ИВАН", "cp1251"), ("Иванов^Иван", "cp1251"), ("Люкceмбypг", "iso8859_5"), ("홍^길동", "euc_kr"),
    ("김^철수", "euc_kr"), ("이^영희", "euc_kr"), ("박지성", "euc_kr"), ("山田^太郎", "euc_jp"),
    ("山田^太郎", "shift_jis"), ("鈴木^一郎", "shift_jis"), ("佐藤^花子", "euc_jp"), ("Παπαδόπουλος", "iso8859_7"),
    ("ΓΕΩΡΓΙΟΥ", "iso8859_7"),
    ("王^小明", "big5"), ("محمد", "iso8859_6"), ("Šimek^Žižek", "cp1252"),
    ("דוד^כהן", "iso8859_8"), ("สมชาย", "tis-620"),
    ("Čapek^Dvořák", "iso8859_2"), ("Łukasz^Żółć", "cp1250"), ("ŞEN^ÇAĞLAR", "iso8859_9"),
]  # fmt: skip


@pytest.mark.parametrize("declared", [b"ISO_IR 100", b"", b"ISO_IR 6", b"ISO_IR 192"])
@pytest.mark.parametrize("name", CHINESE)
def test_chinese_names_declared_as_something_else_are_recognised(name: str, declared: bytes) -> None:
    found = codec_instead(name.encode("gb18030"), [], declared)
    if name == "朱镕基":  # two rare characters of three: in doubt the bytes stay as declared
        assert not found
    else:
        assert found == "gb18030"


@pytest.mark.parametrize("text", DESCRIPTIONS)
def test_chinese_descriptions_are_recognised_beside_a_latin_name(text: str) -> None:
    assert codec_instead(b"Zhang^San", [text.encode("gbk")], b"ISO_IR 100") == "gb18030"
    assert codec_instead(b"Zhang^San", [text.encode()], b"ISO_IR 100") == "utf-8"


@pytest.mark.parametrize("name", [*LATIN_1, *CHINESE, *(name for name, _codec in OTHERS)])
@pytest.mark.parametrize("declared", [b"", b"ISO_IR 100"])
def test_utf_8_declared_as_something_else_is_recognised(name: str, declared: bytes) -> None:
    assert codec_instead(name.encode(), [], declared) == "utf-8"
    assert not codec_instead(name.encode(), [], b"ISO_IR 192")


@pytest.mark.parametrize("name", LATIN_1)
@pytest.mark.parametrize("declared", [b"ISO_IR 100", b"", b"ISO_IR 6", b"ISO 2022 IR 6\\ISO 2022 IR 100"])
def test_names_in_latin_1_are_left_alone(name: str, declared: bytes) -> None:
    raw = name.encode("latin_1", "ignore")
    assert not codec_instead(raw, [b"Sch\xe4del", raw], declared)
    assert decode_text(raw, b"ISO_IR 100") == raw.decode("latin_1")


@pytest.mark.parametrize(("name", "codec"), OTHERS)
def test_other_scripts_are_not_taken_for_chinese(name: str, codec: str) -> None:
    assert not codec_instead(name.encode(codec), [], b"ISO_IR 100")


@pytest.mark.parametrize("declared", [b"ISO_IR 101", b"ISO_IR 144", b"ISO_IR 126", b"ISO_IR 13", b"\\ISO 2022 IR 149"])
def test_bytes_of_another_declared_set_are_never_repaired(declared: bytes) -> None:
    assert not codec_instead("王^小东".encode("gb18030"), [], declared)


def test_sets_that_must_stand_alone_are_used_where_they_were_declared_second() -> None:
    assert codec_instead("王^小东".encode("gb18030"), [], b"ISO_IR 100\\GB18030") == "gb18030"
    assert codec_instead("王^小东".encode(), [], b"\\ISO_IR 192") == "utf-8"


def test_sets_newer_than_pydicom_are_known() -> None:
    assert decode_text("Œuvre 5 €".encode("iso8859_15"), b"ISO_IR 203") == "Œuvre 5 €"


def _file(path: Path, declared: str | None, name: str, description: str, codec: str) -> Path:
    """Write a file whose texts are in ``codec``, whatever it declares."""
    holder = slice_file(path, ramp(), PatientName="N" * 40, SeriesDescription="D" * 40, SpecificCharacterSet=declared)
    raw = holder.read_bytes().replace(b"N" * 40, name.encode(codec).ljust(40))
    path.write_bytes(raw.replace(b"D" * 40, description.encode(codec).ljust(40)))
    return path


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "utf-8"])
@pytest.mark.parametrize("declared", ["ISO_IR 100", "ISO_IR 6", None])
def test_a_repaired_header_says_so(tmp_path: Path, declared: str | None, codec: str) -> None:
    found = read_header(_file(tmp_path / "a.dcm", declared, "王^小东", "胸部CT平扫", codec))
    assert (found.patient.name, found.series_description) == ("王^小东", "胸部CT平扫")
    assert found.charset_repaired


@pytest.mark.parametrize(
    ("declared", "codec", "name"),
    [
        ("ISO_IR 100", "latin_1", "Müller^Jürgen"), ("ISO_IR 101", "iso8859_2", "Čapek^Šárka"),
        ("ISO_IR 144", "iso8859_5", "Люкceмбypг"), ("ISO_IR 126", "iso8859_7", "Διονυσιος"),
        ("ISO_IR 109", "iso8859_3", "Ĝoĵo^Ŭaŭ"), ("ISO_IR 110", "iso8859_4", "Ķēniņš^Āris"),
        ("ISO_IR 148", "iso8859_9", "Çavuşoğlu"), ("ISO_IR 127", "iso8859_6", "قباني^لنزار"),
        ("ISO_IR 138", "iso8859_8", "שרון^דבורה"), ("ISO_IR 166", "tis-620", "สมชาย^ใจดี"),
        ("ISO_IR 13", "shift_jis", "ﾔﾏﾀﾞ^ﾀﾛｳ"), ("GB18030", "gb18030", "王^小东"), ("GBK", "gbk", "王^小东"),
        ("ISO_IR 192", "utf-8", "Wang^XiaoDong=王^小东"),
    ],
)  # fmt: skip
def test_every_declared_set_is_read_as_declared(tmp_path: Path, declared: str, codec: str, name: str) -> None:
    found = read_header(_file(tmp_path / "a.dcm", declared, name, name, codec))
    assert (found.patient.name, found.series_description, found.charset_repaired) == (name, name, False)


@pytest.mark.data
def test_the_names_of_the_charset_files_are_those_pydicom_reads(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "conformance-pydicom" / "charset_files"
    compared, wrong = 0, {}
    for path in sorted(folder.glob("*.dcm")):
        try:
            found, image = read_header(path), pydicom.dcmread(path)
        except Problem:
            continue
        said = str(image.get("PatientName", ""))
        compared += bool(said)
        if said.rstrip("=") != found.patient.name or found.charset_repaired:
            wrong[path.name] = (said, found.patient.name, found.charset_repaired)
    assert compared >= 14
    assert wrong == {}


@pytest.mark.data
def test_no_real_file_is_repaired_that_needs_none(shared_data: Path) -> None:
    repaired = []
    for path in sorted((shared_data / "dicom").rglob("*.dcm")):
        try:
            found = read_header(path)
        except Problem:
            continue
        if found.charset_repaired and "malformed" not in str(path):
            repaired.append((path.name, found.patient.name))
    assert repaired == []
