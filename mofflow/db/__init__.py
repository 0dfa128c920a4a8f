"""Where state, history and evidence live: SQLite, and a folder of files beside it."""
