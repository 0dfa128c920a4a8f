"""The evidence store, on a real file system."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from mofflow.db.store import EvidenceFolder, _pieces, folder_of
from mofflow.errors import BadInput, NotFound, Unavailable
from tests.integration.test_db_support import as_nobody

MIB = 1024 * 1024
HUGE = """
import resource, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from mofflow.db.store import EvidenceFolder
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
store, before = EvidenceFolder(Path(sys.argv[1])), peak()
stored = store.put(Path(sys.argv[2]))
store.open(stored.digest).close()
print(stored.size, stored.digest, peak() - before)
"""


@pytest.fixture
def store(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(folder_of(tmp_path / "mofflow.db"))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"plan" * MIB)
    return path


def files(store: EvidenceFolder) -> list[Path]:
    """Every file in the store."""
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_a_file_comes_back_by_its_digest(store: EvidenceFolder, plan: Path) -> None:
    """Digest and size are those of the file; it lies under its digest, closed to others and to changes."""
    stored = store.put(plan)
    assert stored.digest == hashlib.sha256(plan.read_bytes()).hexdigest()
    assert stored.size == 4 * MIB
    with store.open(stored.digest) as file:
        assert file.read() == plan.read_bytes()
    path = store.root / "sha256" / stored.digest[:2] / stored.digest
    assert store.root.name == "mofflow.db.evidence"
    assert files(store) == [path]
    assert path.stat().st_mode & 0o777 == 0o400
    assert store.root.stat().st_mode & 0o777 == 0o700


def test_the_same_bytes_are_kept_once(store: EvidenceFolder, plan: Path) -> None:
    """Putting is idempotent, from a file or from memory; an empty document is one too."""
    assert store.put(plan) == store.put(plan) == store.put_bytes(plan.read_bytes())
    assert store.put_bytes(b"").size == 0
    assert len(files(store)) == 2


@pytest.mark.parametrize("digest", ["", "f" * 64, "../../../etc/passwd", "F" * 64, "f" * 63 + "\n", "é" * 64])
def test_an_unknown_digest_is_not_found(store: EvidenceFolder, plan: Path, digest: str) -> None:
    """Nor is anything followed that is not 64 hexadecimal characters."""
    store.put(plan)
    with pytest.raises(NotFound):
        store.open(digest)


@pytest.mark.parametrize("change", [b"Plan", b"pla", b""])
def test_damaged_bytes_are_never_handed_out(store: EvidenceFolder, change: bytes) -> None:
    """A document whose bytes have another digest is unavailable; putting the original again mends it."""
    stored = store.put_bytes(b"plan")
    (path,) = files(store)
    path.chmod(0o600)
    path.write_bytes(change)
    with pytest.raises(Unavailable, match="damaged"):
        store.open(stored.digest)
    store.put_bytes(b"plan")
    with store.open(stored.digest) as file:
        assert file.read() == b"plan"


def test_what_is_no_regular_file_is_refused(store: EvidenceFolder, tmp_path: Path) -> None:
    """Missing files, folders, devices and FIFOs (without waiting for a writer); a link is followed."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("missing", ".", "pipe", "loop"):
        with pytest.raises(BadInput) as caught:
            store.put(tmp_path / name)
        assert caught.value.hint
    with pytest.raises(BadInput, match="regular"):
        store.put(Path("/dev/zero"))
    (tmp_path / "letter").write_text("x")
    (tmp_path / "link").symlink_to("letter")
    assert store.put(tmp_path / "link").size == 1
    assert len(files(store)) == 1


def test_an_unreadable_file_is_refused() -> None:
    """It says that the file cannot be read, not that the store failed."""
    with TemporaryDirectory() as name:  # not pytest's own folder, which others cannot look into
        folder = Path(name)
        folder.chmod(0o777)
        plan = folder / "plan.pdf"
        plan.write_text("plan")
        plan.chmod(0)

        def put() -> str:
            try:
                return str(EvidenceFolder(folder / "own").put(plan))
            except BadInput as error:
                return error.message

        assert "cannot be read" in as_nobody(put)
        assert list((folder / "own").iterdir()) == []


def test_a_file_that_changes_while_it_is_read_is_refused(store: EvidenceFolder, plan: Path) -> None:
    """What is stored is never a mixture of two versions, nor does a growing file keep it busy for ever."""
    plan.write_bytes(b"plan" * 16 * MIB)
    started, done = Event(), Event()

    def write() -> None:
        with plan.open("ab") as file:
            while not done.is_set():
                file.write(b"more")
                file.flush()
                started.set()

    writer = Thread(target=write)
    writer.start()
    started.wait()
    try:
        with pytest.raises(BadInput, match="changed"):
            store.put(plan)
    finally:
        done.set()
        writer.join()
    assert files(store) == []


@pytest.mark.parametrize("replaced", [False, True])
def test_a_change_that_keeps_the_length_is_noticed(plan: Path, replaced: bool) -> None:
    """Bytes overwritten in place, and another file under the same name, between two pieces."""
    pieces = _pieces(plan)
    next(pieces)
    if replaced:
        plan.rename(plan.with_name("old"))
    plan.write_bytes(b"PLAN" * MIB)
    os.utime(plan, ns=(1, 1))
    with pytest.raises(BadInput, match="changed"):
        list(pieces)


def test_a_huge_file_takes_little_memory(store: EvidenceFolder, tmp_path: Path) -> None:
    """1 GiB goes through in pieces: the peak of memory grows by less than 16 MiB."""
    huge = tmp_path / "huge.img"
    with huge.open("wb") as file:
        file.truncate(1024 * MIB)
    command = [sys.executable, "-c", HUGE, str(store.root), str(huge)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    size, digest, kib = done.stdout.split()
    assert int(size) == 1024 * MIB
    assert digest == "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"
    assert int(kib) < 16 * 1024
    for file_path in files(store):
        file_path.unlink()


def test_a_full_disk_leaves_nothing_behind(store: EvidenceFolder, plan: Path) -> None:
    """The store says that it cannot be written, and the part that was written is gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))
    try:
        with pytest.raises(Unavailable, match="cannot be written") as caught:
            store.put(plan)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "space" in caught.value.hint
    assert files(store) == []


def test_what_killed_writers_left_is_cleaned_after_a_day(store: EvidenceFolder) -> None:
    """A part that nobody has written to for a day is removed by the next writer; a fresh one stays."""
    store.put_bytes(b"x")
    old, fresh = store.root / ".part-old", store.root / ".part-fresh"
    old.touch()
    fresh.touch()
    day_ago = fresh.stat().st_mtime - 25 * 60 * 60
    os.utime(old, (day_ago, day_ago))
    store.put_bytes(b"y")
    assert not old.exists()
    assert fresh.exists()
