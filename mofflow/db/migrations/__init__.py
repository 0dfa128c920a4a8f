"""Changes of the schema, in order; run by `mofflow.db.admin` through Alembic."""
