"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HISTORY = "the history is append-only: correct it with a new event"
TRIGGERS = (
    f"CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END",
    f"CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END",
    # REPLACE would delete without asking the trigger above
    f"""CREATE TRIGGER event_no_replace BEFORE INSERT ON event
    WHEN EXISTS (SELECT 1 FROM event WHERE "case" = NEW."case" AND seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END""",  # noqa: S608  # constants only
    f"CREATE TRIGGER text_no_delete BEFORE DELETE ON text BEGIN SELECT RAISE(ABORT, '{HISTORY}'); END",
    """CREATE TRIGGER text_only_erased BEFORE UPDATE ON text
    WHEN new."case" IS NOT old."case" OR new.seq IS NOT old.seq OR new.name IS NOT old.name
        OR new.salt IS NOT NULL OR new.content IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'a text of the history can be erased, but not changed'); END""",
)


def upgrade() -> None:
    """Make every table, its indexes, and the triggers that guard the history."""
    _cases()
    _history()
    _people()
    _others()
    for trigger in TRIGGERS:
        op.execute(trigger)


def _cases() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
        sqlite_strict=True,
    )
    op.create_table(
        "case",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("final", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.Text(), nullable=False),
        sa.Column("entered_seq", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("remembered", sa.Text(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("fired", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("acted", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_case"),
        sa.CheckConstraint("version >= 1 AND seq >= 1 AND iteration >= 1", name="ck_case_counters"),
        sa.CheckConstraint("length(head) = 64", name="ck_case_head"),
        sa.CheckConstraint("final IN (0, 1)", name="ck_case_final"),
        sqlite_strict=True,
    )
    op.create_index("ix_case_kind_stage_number", "case", ["kind", "stage", "number"])
    op.create_index("ix_case_number", "case", ["number"], unique=True)
    op.create_index("ix_case_state_number", "case", ["state", "number"])
    op.create_table(
        "evidence",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("attached_at", sa.Text(), nullable=False),
        sa.Column("attached_seq", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("kind_digest", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case", "id", name="pk_evidence"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_evidence_case"),
        sa.CheckConstraint("length(digest) = 64", name="ck_evidence_digest"),
        sqlite_strict=True,
    )
    op.create_table(
        "signoff",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("set", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("grants", sa.Text(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("void_seq", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case", "name", "person", name="pk_signoff"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_signoff_case"),
        sa.CheckConstraint("verdict IN ('approve', 'reject')", name="ck_signoff_verdict"),
        sa.CheckConstraint("assurance IN ('signed', 'account', 'entered')", name="ck_signoff_assurance"),
        sa.CheckConstraint("withdrawn IN (0, 1)", name="ck_signoff_withdrawn"),
        sa.CheckConstraint("(void_reason IS NULL) = (void_seq IS NULL)", name="ck_signoff_void"),
        sqlite_strict=True,
    )
    op.create_table(
        "staffing",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case", "role", "person", name="pk_staffing"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_staffing_case"),
        sqlite_strict=True,
    )
    op.create_table(
        "obligation",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("guard", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.Column("settled_seq", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("case", "id", name="pk_obligation"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_obligation_case"),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_seq IS NULL)", name="ck_obligation_settled"),
        sqlite_strict=True,
    )
    op.create_table(
        "waiver",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("guard", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case", "guard", name="pk_waiver"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_waiver_case"),
        sqlite_strict=True,
    )


def _history() -> None:
    op.create_table(
        "event",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", "seq", name="pk_event"),
        sa.ForeignKeyConstraint(["case"], ["case.key"], name="fk_event_case"),
        sa.CheckConstraint(
            "kind IN ('opened', 'transition', 'denied', 'evidence', 'signoff', 'withdrawal', "
            "'assignment', 'unassignment', 'fields', 'note', 'waiver', 'settlement', 'person', "
            "'grant', 'revocation', 'delegation', 'deactivation', 'founding', 'workflow', "
            "'policy')",
            name="ck_event_kind",
        ),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name="ck_event_outcome"),
        sa.CheckConstraint("assurance IN ('signed', 'account', 'entered')", name="ck_event_assurance"),
        sa.CheckConstraint("seq >= 1 AND length(hash) = 64", name="ck_event_link"),
        sa.CheckConstraint("(seq = 1) = (prev IS NULL)", name="ck_event_prev"),
        sa.CheckConstraint("length(at) = 27 AND length(recorded_at) = 27", name="ck_event_times"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_event_acting_for_at_case_seq",
        "event",
        ["acting_for", "at", "case", "seq"],
        sqlite_where=sa.text("acting_for IS NOT NULL"),
    )
    op.create_index("ix_event_actor_at_case_seq", "event", ["actor", "at", "case", "seq"])
    op.create_index("ix_event_at_case_seq", "event", ["at", "case", "seq"])
    op.create_index("ix_event_case_at_seq", "event", ["case", "at", "seq"])
    op.create_index(
        "ix_event_denied",
        "event",
        ["case", "actor", "trigger", "at"],
        sqlite_where=sa.text("kind = 'denied'"),
    )
    op.create_index("ix_event_entered_by_at_case_seq", "event", ["entered_by", "at", "case", "seq"])
    op.create_index("ix_event_kind_at_case_seq", "event", ["kind", "at", "case", "seq"])
    op.create_index(
        "ix_event_outcome_at_case_seq",
        "event",
        ["outcome", "at", "case", "seq"],
        sqlite_where=sa.text("outcome = 'refused'"),
    )
    op.create_index(
        "ix_event_request_id",
        "event",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_index(
        "ix_event_source_at_case_seq",
        "event",
        ["source", "at", "case", "seq"],
        sqlite_where=sa.text("source IS NOT NULL"),
    )
    op.create_index(
        "ix_event_target_at_case_seq",
        "event",
        ["target", "at", "case", "seq"],
        sqlite_where=sa.text("target IS NOT NULL"),
    )
    op.create_index(
        "ix_event_trigger_at_case_seq",
        "event",
        ["trigger", "at", "case", "seq"],
        sqlite_where=sa.text('"trigger" IS NOT NULL'),
    )
    op.create_table(
        "text",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case", "seq", "name", name="pk_text"),
        sa.ForeignKeyConstraint(["case", "seq"], ["event.case", "event.seq"], name="fk_text_case_seq"),
        sa.CheckConstraint("(salt IS NULL) = (content IS NULL)", name="ck_text_erased"),
        sqlite_strict=True,
    )


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.CheckConstraint("active IN (0, 1)", name="ck_person_active"),
        sqlite_strict=True,
    )
    op.create_table(
        "account",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_account"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_account_person"),
        sqlite_strict=True,
    )
    op.create_index("ix_account_person", "account", ["person"])
    op.create_table(
        "grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("ends", sa.Text(), nullable=True),
        sa.Column("from_person", sa.Text(), nullable=True),
        sa.Column("revoked", sa.Text(), nullable=True),
        sa.Column("for_cause", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grant"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_grant_person"),
        sa.ForeignKeyConstraint(["from_person"], ["person.id"], name="fk_grant_from_person"),
        sa.CheckConstraint("for_cause IN (0, 1)", name="ck_grant_for_cause"),
        sqlite_strict=True,
    )
    op.create_index("ix_grant_person", "grant", ["person"])
    op.create_index("ix_grant_role", "grant", ["role"])


def _others() -> None:
    op.create_table(
        "definition",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("adopted_at", sa.Text(), nullable=False),
        sa.Column("adopted_by", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_definition"),
        sa.CheckConstraint("kind IN ('workflow', 'policy')", name="ck_definition_kind"),
        sa.CheckConstraint("in_force IN (0, 1)", name="ck_definition_in_force"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_definition_in_force",
        "definition",
        ["kind", "name"],
        unique=True,
        sqlite_where=sa.text("in_force = 1"),
    )
    op.create_table(
        "outbox",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case", "id", name="pk_outbox"),
        sqlite_strict=True,
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
