"""The evidence store: a folder of files named by their SHA-256, beside the database."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mofflow.db.rights import make_folder, widened
from mofflow.errors import BadInput, NotFound, Unavailable
from mofflow.services.ports import Stored

PIECE = 1024 * 1024  # bytes read at a time
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = ".part-"  # files that are being written; one whose writer was killed stays until it is a day old
_DAY = 24 * 60 * 60  # seconds


def folder_of(database: Path) -> Path:
    """Where the evidence of a database lies."""
    return database.with_name(f"{database.name}.evidence")


class EvidenceFolder:
    """Files addressed by SHA-256 under `root`, which is made when the first one comes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, source: Path) -> Stored:
        """Take in a file, in pieces.

        BadInput where it is missing, unreadable or no regular file, or where it changes while it is read.
        """
        return self._keep(_pieces(source))

    def look(self, source: Path) -> Stored:
        """What `put` would say of a file, without taking it in."""
        sha, size = hashlib.sha256(), 0
        for piece in _pieces(source):
            sha.update(piece)
            size += len(piece)
        return Stored(digest=sha.hexdigest(), size=size)

    def put_bytes(self, content: bytes) -> Stored:
        """Take in a small document."""
        return self._keep([content])

    def open(self, digest: str) -> BinaryIO:
        """Open for reading, once its bytes were read through and found to have this digest.

        NotFound where the store lacks it, Unavailable where it is unreadable or has another digest.
        """
        path = self._path(digest)
        try:
            if not _DIGEST.fullmatch(digest) or not path.is_file():
                hint = "See `mofflow evidence list KEY`."
                raise NotFound(f"The evidence store has no document {digest}.", hint)
            file = path.open("rb")
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}.", "Look at its rights.") from error
        try:
            _verify(file, digest)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def _path(self, digest: str) -> Path:
        return self.root / "sha256" / digest[:2] / digest

    def _keep(self, pieces: Iterable[bytes]) -> Stored:
        sha, size = hashlib.sha256(), 0
        with self._part() as (descriptor, part):
            for piece in pieces:
                sha.update(piece)
                size += len(piece)
                _write(descriptor, piece)
            os.fsync(descriptor)
            target = self._path(sha.hexdigest())
            make_folder(target.parent)
            part.replace(target)  # also over a copy that is there: the same bytes, or damaged ones made good
            for folder in (target.parent, target.parent.parent):
                _sync(folder)
        return Stored(digest=sha.hexdigest(), size=size)

    @contextmanager
    def _part(self) -> Iterator[tuple[int, Path]]:
        """A new file in the store that is gone afterwards, unless renamed; failures are Unavailable."""
        part = self.root / f"{_PART}{secrets.token_hex(8)}"
        try:
            make_folder(self.root)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            try:
                os.fchmod(descriptor, widened(self.root, 0o400))
                self._clean(os.fstat(descriptor).st_mtime)
                yield descriptor, part
            finally:
                os.close(descriptor)
                part.unlink(missing_ok=True)
        except OSError as error:
            hint = "Free some space in its file system, or look at its rights; nothing was stored."
            raise Unavailable(
                f"The evidence store {self.root} cannot be written: {error.strerror}.", hint
            ) from error

    def _clean(self, now: float) -> None:
        """Remove what writers that were killed left behind."""
        for old in self.root.glob(f"{_PART}*"):
            with suppress(OSError):
                if now - old.stat().st_mtime > _DAY:
                    old.unlink()


def _pieces(source: Path) -> Iterator[bytes]:
    """The content of a regular file; BadInput where it cannot be read as one, or changes meanwhile."""
    try:
        if not stat.S_ISREG(source.stat().st_mode):  # before opening, which can hang or move a device
            raise BadInput(f"{source} is not a regular file.", "Name a file.")
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before, length = os.fstat(descriptor), 0
            if not stat.S_ISREG(before.st_mode):
                raise BadInput(f"{source} is not a regular file.", "Name a file.")
            while piece := file.read(PIECE):
                length += len(piece)
                yield piece
            same = _marks(before) == _marks(os.fstat(descriptor)) == _marks(source.stat())
    except OSError as error:
        raise BadInput(
            f"{source} cannot be read: {error.strerror}.", "Look at its name and rights."
        ) from error
    if not same or length != before.st_size:
        raise BadInput(f"{source} changed while it was read.", "Wait until nobody writes it, then try again.")


def _marks(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _write(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]


def _verify(file: BinaryIO, digest: str) -> None:
    sha = hashlib.sha256()
    try:
        while piece := file.read(PIECE):
            sha.update(piece)
    except OSError as error:
        raise Unavailable(
            f"The document {digest} cannot be read: {error.strerror}.", "Look at the disk."
        ) from error
    if sha.hexdigest() != digest:
        raise Unavailable(
            f"The document {digest} is damaged: its bytes have the digest {sha.hexdigest()}.",
            "Put the file from a backup in its place, or attach the original again.",
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
