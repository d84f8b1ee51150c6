"""Archives: what comes out of a good one, and every way in which a bad one is turned away."""

import io
import os
import random
import resource
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import BadInput, NotFound, PlumblineError, Stopped, TooLarge, Unwritable
from ingest import archive
from ingest.archive import no_room, unpack
from ingest.found import Caps, Skipped, Watch

Member = tuple[str, bytes]


def tarred(path: Path, *members: Member | tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:
        for member in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member[0])
            data = b"" if isinstance(member, tarfile.TarInfo) else member[1]
            info.size = info.size or len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, *members: Member | tuple[zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members:
            out.writestr(name, data)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def taken(file: Path, caps: Caps | None = None, watch: Watch | None = None) -> dict[str, bytes]:
    folder = file.parent / "out"
    unpack(file, folder, caps or Caps(), watch or Watch())
    return files(folder)


def left(file: Path, caps: Caps | None = None) -> list[Skipped]:
    return unpack(file, file.parent / "out", caps or Caps(), Watch())


@pytest.mark.parametrize(
    "name, mode", [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz")]
)
def test_every_kind_of_tar_is_unpacked(tmp_path: Path, name: str, mode: str):
    members = [("src/a.py", b"x = 1\n"), ("./README.md", b"# Here\n"), ("empty.py", b"")]
    assert taken(tarred(tmp_path / name, *members, mode=mode)) == {
        "README.md": b"# Here\n",
        "empty.py": b"",
        "src/a.py": b"x = 1\n",
    }


def test_a_zip_is_unpacked(tmp_path: Path):
    file = zipped(tmp_path / "a.zip", ("src/a.py", b"x"), ("src\\b.py", b"y"), ("d/", b""))
    assert taken(file) == {"src/a.py": b"x", "src/b.py": b"y"}


def test_what_is_unpacked_is_private_and_runs_nowhere(tmp_path: Path):
    info = tarfile.TarInfo("bin/tool")
    info.mode = 0o6777
    unpack(tarred(tmp_path / "a.tar.gz", info), tmp_path / "out", Caps(), Watch())
    assert stat.S_IMODE((tmp_path / "out/bin/tool").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "out/bin").stat().st_mode) == 0o700


NAMES = [
    "../out.py",
    "a/../../out.py",
    "/etc/out.py",
    "//host/out.py",
    "C:/out.py",
    "c:out.py",
    "..\\out.py",
    "\\out.py",
    "a/..",
    "..",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [tarred, zipped])
def test_names_that_climb_out_are_refused(tmp_path: Path, make: Callable[..., Path], name: str):
    file = make(tmp_path / "bad.archive", ("ok.py", b"1"), (name, b"owned"))
    with pytest.raises(BadInput, match="outside its folder"):
        taken(file)
    assert set(files(tmp_path)) <= {"bad.archive", "out/ok.py"}


@pytest.mark.parametrize("make", [tarred, zipped])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path, make: Callable[..., Path]):
    with pytest.raises(BadInput, match="twice"):
        taken(make(tmp_path / "bad", ("a/b.py", b"1"), ("a//./b.py", b"2")))


@pytest.mark.parametrize("make", [tarred, zipped])
def test_a_name_that_is_file_and_folder_is_refused(tmp_path: Path, make: Callable[..., Path]):
    with pytest.raises(BadInput, match="as a file and a folder"):
        taken(make(tmp_path / "bad", ("a", b"1"), ("a/b.py", b"2")))


def test_links_and_devices_are_left_out(tmp_path: Path):
    file = tarred(
        tmp_path / "a.tar.gz",
        special("soft", tarfile.SYMTYPE, "/etc"),
        special("hard", tarfile.LNKTYPE, "../../etc/passwd"),
        special("disk", tarfile.BLKTYPE),
        special("tty", tarfile.CHRTYPE),
        special("pipe", tarfile.FIFOTYPE),
        ("ok.py", b"1"),
    )
    assert left(file) == [
        Skipped("soft", "link"),
        Skipped("hard", "link"),
        Skipped("disk", "not a file"),
        Skipped("tty", "not a file"),
        Skipped("pipe", "not a file"),
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ok.py"]


def test_nothing_is_written_through_a_link(tmp_path: Path):
    """The link comes first, then a file under its name: the oldest trick with tars."""
    (tmp_path / "target").mkdir()
    link = special("way", tarfile.SYMTYPE, str(tmp_path / "target"))
    assert taken(tarred(tmp_path / "a.tar", link, ("way/in.py", b"1"), mode="w")) == {
        "way/in.py": b"1"
    }
    assert list((tmp_path / "target").iterdir()) == []


def test_links_in_a_zip_are_left_out(tmp_path: Path):
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert left(zipped(tmp_path / "a.zip", (info, b"/etc/passwd"))) == [Skipped("link", "link")]


@pytest.mark.parametrize("make", [tarred, zipped])
def test_a_bomb_ends_at_a_hundred_times_its_size(tmp_path: Path, make: Callable[..., Path]):
    zeros = bytes(2_000_000)
    file = make(tmp_path / "bomb", *((f"{n}.txt", zeros) for n in range(30)))
    size = file.stat().st_size
    assert size * 100 < 60_000_000
    with pytest.raises(TooLarge, match="100 times its size"):
        taken(file)
    written = sum(len(data) for data in files(tmp_path / "out").values())
    assert written <= max(archive.RATIO_FROM, 100 * size)


def test_a_bomb_that_would_be_skipped_over_is_refused_as_well(tmp_path: Path):
    """Members beyond the cap on files are not written, and yet have to be unpacked to pass them."""
    file = tarred(tmp_path / "bomb.tgz", ("huge", bytes(50_000_000)), ("a.py", b"1"))
    with pytest.raises(TooLarge):
        taken(file)
    assert files(tmp_path / "out") == {}


def test_small_archives_may_be_well_compressed(tmp_path: Path):
    file = tarred(tmp_path / "a.tgz", *((f"p{n}/__init__.py", b"") for n in range(200)))
    assert len(taken(file)) == 200


def test_a_sparse_file_counts_as_what_it_unpacks_to(tmp_path: Path):
    """An old GNU tar may say that a few bytes are a file of gigabytes."""
    info = tarfile.TarInfo("sparse.txt")
    info.size = 0
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[156:157] = b"S"
    block[124:136] = b"00000000000\0"
    block[386:410] = b"%011o\0%011o\0" % (3_000_000_000, 0)
    block[483:495] = b"%011o\0" % 3_000_000_000
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    (tmp_path / "a.tar").write_bytes(bytes(block) + bytes(1024))
    assert left(tmp_path / "a.tar") == [Skipped("sparse.txt", "too large")]


@pytest.mark.parametrize("make", [tarred, zipped])
def test_caps_hold(tmp_path: Path, make: Callable[..., Path]):
    members = [(f"{n}.txt", os.urandom(1000)) for n in range(9)]
    file = make(tmp_path / "a", *members, ("large.txt", os.urandom(5000)))
    with pytest.raises(TooLarge, match="more than 8 files"):
        unpack(file, tmp_path / "1", Caps(files=8), Watch())
    with pytest.raises(TooLarge, match="unpacks to more than"):
        unpack(file, tmp_path / "2", Caps(total_bytes=4000), Watch())
    assert sum(map(len, files(tmp_path / "2").values())) <= 4000
    skipped = unpack(file, tmp_path / "3", Caps(file_bytes=1000), Watch())
    assert skipped == [Skipped("large.txt", "too large")]
    assert files(tmp_path / "3") == dict(members)


def test_a_header_that_asks_for_a_gigabyte_gets_none(tmp_path: Path):
    """A pax header of that size would be read into memory whole."""
    header = special("pax", tarfile.XHDTYPE)
    header.size = 1 << 30
    with (tmp_path / "a.tar").open("wb") as out:
        out.write(header.tobuf(tarfile.GNU_FORMAT))
        out.truncate((1 << 30) + 2048)
    with pytest.raises(BadInput, match="headers of more than 16 MB"):
        taken(tmp_path / "a.tar")


def test_a_negative_size_does_not_go_round_for_ever(tmp_path: Path):
    """CVE-2025-8194: the next member was looked for before this one."""
    info = tarfile.TarInfo("a.py")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 10 + b"\xfc\x00"
    block[148:156] = b"        "
    block[148:156] = b"%06o\0 " % sum(block)
    (tmp_path / "a.tar").write_bytes(bytes(block) * 2 + bytes(1024))
    with pytest.raises(BadInput, match="cannot be unpacked"):
        taken(tmp_path / "a.tar")


def test_headers_without_end_are_damage(tmp_path: Path):
    """Each long name is followed by another: tarfile follows them on its stack."""
    name = special("x", tarfile.GNUTYPE_LONGNAME)
    name.size = 4
    block = name.tobuf(tarfile.GNU_FORMAT) + b"abc\0".ljust(512, b"\0")
    (tmp_path / "a.tar").write_bytes(block * 3000)
    with pytest.raises(BadInput, match="cannot be unpacked"):
        taken(tmp_path / "a.tar")


def test_deep_and_long_names(tmp_path: Path):
    with pytest.raises(BadInput, match="100 folders deep"):
        taken(zipped(tmp_path / "a.zip", ("d/" * 2000 + "x", b"1")))
    long = tarred(tmp_path / "b.tgz", ("n" * 300, b"1"), ("ok.py", b"1"))
    assert unpack(long, tmp_path / "b", Caps(), Watch())[0].reason == "unusable name"


def damaged(folder: Path) -> dict[str, Path]:
    """Return files that say they are archives and are not, or not whole."""
    noise = random.Random(4).randbytes(5000)
    whole = zipped(folder / "w.zip", ("a.py", noise)).read_bytes()
    packed = tarred(folder / "w.tgz", ("a.py", noise)).read_bytes()
    squeezed = tarred(folder / "w.txz", ("a.py", noise), mode="w:xz").read_bytes()
    wrong = bytearray(whole)
    wrong[1000] ^= 0xFF
    made = {
        "text.zip": b"PK this is no zip",
        "text.tar": b"this is no tar",
        "short.zip": whole[:-30],
        "short.tgz": packed[:2000],
        "short.txz": squeezed[:2000],
        "wrong.zip": bytes(wrong),
        "wrong.tgz": packed[:1500] + b"\xff" * 50 + packed[1550:],
        "magic.tgz": b"\x1f\x8b\x08nothing more",
        "magic.tbz2": b"BZh9nothing more",
        "magic.txz": b"\xfd7zXZ\x00nothing more",
        "nothing.zip": b"",
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in made}


def test_damage_is_told_as_such(tmp_path: Path):
    for name, file in damaged(tmp_path).items():
        with pytest.raises(BadInput) as caught:
            unpack(file, tmp_path / f"{name}.out", Caps(), Watch())
        assert f"{name} cannot be unpacked" in caught.value.message
        assert caught.value.hint


def test_what_this_python_cannot_unpack_is_named(tmp_path: Path):
    (tmp_path / "a.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    with pytest.raises(BadInput, match="zstd"):
        taken(tmp_path / "a.tar.zst")
    locked = bytearray(zipped(tmp_path / "a.zip", ("a.py", b"1")).read_bytes())
    for at in (locked.index(b"PK\3\4") + 6, locked.index(b"PK\1\2") + 8):
        locked[at] |= 1
    (tmp_path / "a.zip").write_bytes(locked)
    with pytest.raises(BadInput, match="encrypted"):
        taken(tmp_path / "a.zip")
    with pytest.raises(NotFound):
        taken(tmp_path / "none.zip")


def test_a_full_disk_is_told_and_does_not_pass_for_damage(tmp_path: Path):
    """The kernel's limit on a file's size stands in for a disk that is full."""
    file = zipped(tmp_path / "a.zip", ("a.txt", os.urandom(100_000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(Unwritable, match="disk is full") as caught:
            taken(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.hint == "Free some space."
    assert "disk is full" in no_room("a.zip", OSError(28, "No space left on device")).message
    assert "could not" in no_room("a.zip", OSError(30, "Read-only file system")).message


def test_a_stop_is_heard_within_a_file(tmp_path: Path):
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        taken(
            zipped(tmp_path / "a.zip", ("a.txt", os.urandom(2_000_000))),
            watch=Watch(stop=lambda: next(answers)),
        )


def test_progress_is_told(tmp_path: Path):
    said: list[str] = []
    file = zipped(tmp_path / "a.zip", *((f"{n}.py", b"1") for n in range(1000)))
    taken(file, watch=Watch(said.append))
    assert said == ["Unpacked 500 files of a.zip.", "Unpacked 1,000 files of a.zip."]


def test_an_only_folder_is_the_top(tmp_path: Path):
    (tmp_path / "repo-main" / "src").mkdir(parents=True)
    assert archive.top(tmp_path) == tmp_path / "repo-main"
    (tmp_path / "README.md").write_text("x")
    assert archive.top(tmp_path) == tmp_path


PARTS = st.sampled_from(
    ["a", "b", "..", ".", "", "C:", "~", "\\", "..\\", "é", "\u202e", " ", "x" * 260]
)


@hypothesis_settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(st.lists(PARTS, min_size=1, max_size=4).map("/".join), max_size=4))
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_name_ever_leaves_the_folder(tmp_path_factory: pytest.TempPathFactory, names: list[str]):
    root = tmp_path_factory.mktemp("any")
    inner = root / "deep" / "er"
    inner.mkdir(parents=True)
    file = tarred(inner / "a.tar", *((name, b"1") for name in names), mode="w")
    try:
        unpack(file, inner / "out", Caps(), Watch())
    except PlumblineError as error:
        assert isinstance(error, BadInput)
    outside = [path for path in root.rglob("*") if path.is_file() and "out" not in path.parts]
    assert outside == [file]
