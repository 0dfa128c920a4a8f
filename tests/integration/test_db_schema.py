"""Tables, migrations, prepared statements and constants say the same."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import mofflow.db
from mofflow.db import failures, prepared, records, statements
from mofflow.db.admin import create
from mofflow.db.tables import METADATA

HOME = Path(mofflow.db.__file__).parent


def test_the_migrated_schema_is_that_of_the_tables(tmp_path: Path) -> None:
    """Alembic finds no difference between a new database and the classes in `tables.py`."""
    create(tmp_path / "new.db", stated_time=False)
    engine = create_engine(f"sqlite:///{tmp_path / 'new.db'}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_checks_and_strictness_are_those_of_the_tables(tmp_path: Path) -> None:
    """What Alembic does not compare, the text of the schema does: CHECKs, STRICT, conditions of indexes."""
    create(tmp_path / "new.db", stated_time=False)
    engine = create_engine(f"sqlite:///{tmp_path / 'tables.db'}", poolclass=NullPool)
    METADATA.create_all(engine)

    def schema(path: Path) -> dict[str, str]:
        with closing(sqlite3.connect(path)) as raw:
            rows = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql <> ''"
            )
            return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}

    assert schema(tmp_path / "new.db") == schema(tmp_path / "tables.db")
    assert schema(tmp_path / "new.db")["event"].endswith("STRICT")


def test_the_prepared_statements_are_up_to_date() -> None:
    """Else run `python -m mofflow.db.statements`."""
    assert (HOME / "prepared.py").read_text(encoding="utf-8") == statements.source()
    assert prepared.SQL.keys() == statements.compiled().keys()
    assert tuple(records.RECORDS) == statements.RECORDS


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    """The constant that spares the other commands Alembic names every migration, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(HOME / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert tuple(r.revision for r in script.walk_revisions())[::-1] == failures.REVISIONS
    assert script.get_heads() == [failures.NEWEST]


def test_nothing_heavy_is_imported_to_read_and_write() -> None:
    """Neither SQLAlchemy nor Alembic: most of the start-up time of a command would be theirs."""
    code = "import sys, mofflow.db.unit_of_work, mofflow.db.store; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"sqlalchemy", "sqlmodel", "pydantic", "alembic", "jsonschema"}.isdisjoint(done.stdout.split())
    assert "sqlite3" in done.stdout.split()
