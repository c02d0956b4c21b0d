"""A WACZ file gives its WARC files and nothing else: no path, no bomb, and no damage without a word."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.errors import WarcError
from newsarchive.warc import unpack_wacz
from newsarchive.warc.record import build, pack
from newsarchive.warc.unpacking import MOST_DIRECTORY, MOST_TIMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.archive import Archive

DATE = ("WARC-Date", "2019-02-27T11:30:05Z")


def record(number: int, body: bytes = b"<p>page") -> bytes:
    fields = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", f"<urn:uuid:{number}>"),
        ("WARC-Target-URI", f"https://harbor.example/{number}"),
        DATE,
    ]
    return build(fields, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)


RECORDS = [record(number) for number in range(3)]
WARC = b"".join(map(pack, RECORDS))


def package(files: dict[str, bytes], *, described: Any = None, compression: int = zipfile.ZIP_STORED) -> bytes:  # noqa: ANN401 - any JSON
    """A WACZ file of some files, with the description that they deserve or another one."""
    resources = [
        {"name": name, "path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
        for name, data in files.items()
    ]
    text = json.dumps({"resources": resources} if described is None else described).encode()
    digest = json.dumps({"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(text).hexdigest()}"}).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, data in {**files, "datapackage.json": text, "datapackage-digest.json": digest}.items():
            made.writestr(zipfile.ZipInfo(name), data, compress_type=compression)
    return out.getvalue()


GOOD = package({"archive/data.warc.gz": WARC, "pages/pages.jsonl": b"{}\n"})


class Unpack:
    """Writes bytes to a file and unpacks it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.wacz"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()

    def __call__(self, data: bytes) -> tuple[dict[str, bytes], list[str]]:
        """What comes out, by name, and what is told."""
        self.path.write_bytes(data)
        told: list[WarcError] = []
        found = {}
        try:
            for name, file in unpack_wacz(self.path, scratch=self.scratch, on_damage=told.append):
                found[name] = file.read()
        except WarcError as error:
            told.append(error)
        assert all(error.path == str(self.path) for error in told)
        assert list(self.scratch.iterdir()) == []
        return found, [error.message.removeprefix(f"{self.path}: ") for error in told]


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    return Unpack(tmp_path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_its_warc_files_come_out_as_they_are(unpack: Unpack, compression: int) -> None:
    plain = b"".join(RECORDS)
    files = {"archive/a.warc.gz": WARC, "archive/deep/b.WARC": plain, "logs/c.warc.gz": WARC, "archive/d.txt": b"no"}
    found, told = unpack(package(files, compression=compression))
    assert found == {"archive/a.warc.gz": WARC, "archive/deep/b.WARC": plain}
    assert told == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no whole zip file"),
        (b"PK\x03\x04 not really", "no whole zip file"),
        (GOOD[:-30], "no whole zip file"),
        (package({"pages/pages.jsonl": b""}), "holds no WARC file"),
        (package({"archive/../../a.warc.gz": WARC}), "its name leads out of the package"),
        (package({"archive/a.warc.gz": WARC}, described={"resources": []}), "names no SHA-256 digest"),
        (package({"archive/a.warc.gz": WARC}, described=[]), "datapackage.json cannot be read"),
        (package({"archive/a.warc.gz": WARC}, described={"resources": [7]}), "datapackage.json cannot be read"),
        (package({"archive/a.warc.gz": WARC}, described={}), "datapackage.json cannot be read"),
    ],
)
def test_what_is_wrong_with_it_is_told(unpack: Unpack, data: bytes, said: str) -> None:
    _, told = unpack(data)
    assert len(told) == 1
    assert said in told[0]


def test_nothing_is_written_where_a_name_leads(unpack: Unpack, tmp_path: Path) -> None:
    names = ["archive/../../out.warc.gz", "../archive/out.warc.gz", "/archive/out.warc.gz", "archive/..\\out.warc.gz"]
    before = sorted(tmp_path.parent.rglob("*out*"))
    found, told = unpack(package(dict.fromkeys(names, WARC)))
    assert sorted(tmp_path.parent.rglob("*out*")) == before
    assert list(found) == ["archive/..\\out.warc.gz"]
    assert len(told) == 1


def test_a_name_cannot_break_a_line(unpack: Unpack) -> None:
    found, _ = unpack(package({"archive/a\r\nrole: page.warc.gz": WARC}))
    assert list(found) == ["archive/a%0D%0Arole: page.warc.gz"]


def test_a_file_that_is_not_what_the_list_says_is_given_and_told(unpack: Unpack) -> None:
    other = {"resources": [{"path": "archive/a.warc.gz", "hash": "sha256:" + "0" * 64}]}
    found, told = unpack(package({"archive/a.warc.gz": WARC, "archive/b.warc.gz": WARC}, described=other))
    assert list(found) == ["archive/a.warc.gz", "archive/b.warc.gz"]
    assert told == [
        "archive/a.warc.gz is not what datapackage.json says of it",
        "archive/b.warc.gz is not named in datapackage.json",
    ]


def test_a_list_that_was_changed_is_told(unpack: Unpack) -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    for change in ("datapackage.json", "datapackage-digest.json", "both gone"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name, data in files.items():
                if change == "both gone" and name.startswith("datapackage"):
                    continue
                target.writestr(name, data.replace(b"{", b"{ ", 1) if name == change == "datapackage.json" else data)
                if name == change == "datapackage-digest.json":
                    target.writestr(name + "x", b"")
        found, told = unpack(out.getvalue())
        assert found == {"archive/data.warc.gz": WARC}
        wanted = {"datapackage.json": "is not what datapackage-digest.json says", "both gone": "it has no datapackage"}
        assert [message for message in told if wanted.get(change, "-") in message] == told


def test_a_bomb_is_refused_before_it_fills_the_disk(unpack: Unpack) -> None:
    zeros = bytes(30_000_000)
    data = package({"archive/a.warc": zeros}, compression=zipfile.ZIP_DEFLATED)
    assert len(zeros) > MOST_TIMES * len(data)
    found, told = unpack(data)
    assert (found, len(told)) == ({}, 1)
    assert f"more than {MOST_TIMES} times its size" in told[0]


def test_files_that_lie_over_each_other_count_each(unpack: Unpack) -> None:
    # One piece of data that a thousand entries of the directory name: what is small once is large in sum.
    zeros = bytes(400_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("archive/a.warc", zeros)
        made.filelist *= 1000
    found, told = unpack(out.getvalue())
    assert len(found) < 1000
    # Later versions of Python, and Debian's 3.11, tell such a file themselves.
    assert "times its size" in told[-1] or "Overlapped entries" in told[-1]


@pytest.mark.parametrize("zip64", [False, True])
def test_a_directory_that_would_fill_the_memory_is_not_read(unpack: Unpack, *, zip64: bool) -> None:
    data = bytearray(GOOD)
    end = data.rindex(b"PK\x05\x06")
    if zip64:
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, MOST_DIRECTORY + 1, 0)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        data[end:end] = record + locator
    else:
        data[end + 12 : end + 16] = (MOST_DIRECTORY + 1).to_bytes(4, "little")
    _, told = unpack(bytes(data))
    assert told == [f"the list of its files has more than {MOST_DIRECTORY:,} bytes"]


def test_what_is_encrypted_or_strangely_packed_is_told(unpack: Unpack) -> None:
    data = bytearray(GOOD)
    entry = data.index(b"PK\x01\x02")
    for offset, value in ((8, 1), (10, 99)):
        changed = bytearray(data)
        changed[entry + offset] = value
        if offset == 8:
            changed[6] = value
        found, told = unpack(bytes(changed))
        assert found == {"archive/data.warc.gz": b""}
        assert "cannot be read to its end" in told[0]


def test_whatever_bit_flips_its_records_are_whole_or_the_damage_is_told(unpack: Unpack) -> None:
    dice = random.Random(5)  # noqa: S311 - a sample
    for place in sorted(dice.sample(range(len(GOOD)), 400)):
        data = bytearray(GOOD)
        data[place] ^= 1 << dice.randrange(8)
        found, told = unpack(bytes(data))
        if not told:
            assert list(found.values()) == [WARC], place


def test_a_file_cut_anywhere_is_told(unpack: Unpack) -> None:
    for size in range(0, len(GOOD), 7):
        found, told = unpack(GOOD[:size])
        assert (found, len(told)) == ({}, 1), size


def test_what_can_be_read_of_a_damaged_file_is_taken_in_and_the_damage_told(archive: Archive, tmp_path: Path) -> None:
    bad = bytearray(WARC)
    bad[len(pack(RECORDS[0])) + 40] ^= 4
    path = tmp_path / "a.wacz"
    whole = package({"archive/data.warc.gz": WARC})
    path.write_bytes(whole.replace(WARC, bytes(bad)))
    report, _ = archive.ingest(path)
    assert report.captured == 2
    assert [message for message in report.damaged if "archive/data.warc.gz" in message] == report.damaged
    assert len(report.damaged) == 3  # the check sum of the zip file, the list of the package, the record itself
    (capture,) = archive.captures("https://harbor.example/2")
    assert capture.origin.via == "a.wacz/archive/data.warc.gz"


def test_each_packaging_of_a_warc_file_is_read(archive: Archive, tmp_path: Path) -> None:
    forms = {
        "members.warc.gz": WARC,
        "stream.warc.gz": gzip.compress(b"".join(RECORDS)),
        "plain.warc": b"".join(RECORDS),
    }
    (tmp_path / "in").mkdir()
    for number, (name, data) in enumerate(forms.items()):
        changed = data if number == 0 else _renumbered(name, number)
        (tmp_path / "in" / f"{number}.wacz").write_bytes(package({f"archive/{name}": changed}))
    report, _ = archive.ingest(tmp_path / "in")
    assert (report.captured, report.damaged, report.skipped) == (9, [], {})


def _renumbered(name: str, by: int) -> bytes:
    records = [record(number + 10 * by) for number in range(3)]
    return gzip.compress(b"".join(records)) if name.endswith(".gz") else b"".join(records)


def test_a_file_in_a_file_is_told(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(package({"archive/twice.warc.gz": gzip.compress(WARC)}))
    report, _ = archive.ingest(path)
    assert report.captured == 0
    assert "neither a WARC nor an ARC file" in report.damaged[0]


def test_the_command_takes_a_package_and_tells_what_is_wrong_with_it(
    archive: Archive, tmp_path: Path, command: Callable[..., Any]
) -> None:
    path = tmp_path / "a.wacz"
    path.write_bytes(GOOD)
    done = command("-A", archive.folder, "import", path)
    assert (done.code, done.out.splitlines()[0]) == (0, "captured 3, known already 0")
    path.write_bytes(GOOD[:-30])
    done = command("-A", archive.folder, "import", path)
    assert done.code == 4
    assert "no whole zip file" in done.err
