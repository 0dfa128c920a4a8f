"""`python -m mofflow`, and the console script."""

from __future__ import annotations

from mofflow.cli.main import main

if __name__ == "__main__":
    main(prog_name="mofflow")
