"""Who may read what is written: its owner alone, and the group too where a folder was made for the group."""

from __future__ import annotations

import stat
from pathlib import Path


def shared(folder: Path) -> bool:
    """Whether a folder is meant for a group: setgid, and its group may write it, but not everybody."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP and not mode & stat.S_IWOTH)


def widened(folder: Path, mode: int) -> int:
    """The mode of something new in `folder`: the owner's rights for the group too where the folder is shared."""
    return mode | (mode & 0o700) >> 3 if shared(folder) else mode


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with the rights that befit where it lies."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    if shared(folder.parent):
        folder.chmod(widened(folder.parent, 0o700) | stat.S_ISGID)
