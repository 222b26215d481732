"""The tables of the case database, and the small steps that bring an older database up to date."""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, String, Table, Text, inspect, select

from medviewer.core.problem import Problem
from medviewer.i18n import _

tables = MetaData()

meta = Table("meta", tables, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False))

cases = Table(
    "cases", tables, Column("study_uid", String(128), primary_key=True), Column("at", String(40), nullable=False)
)

journal = Table(
    "journal",
    tables,
    Column("study_uid", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("action", String(8), nullable=False),  # do, undo, redo
    Column("kind", String(40), nullable=False),  # class name of the edit
    Column("data", Text, nullable=False),  # canonical JSON: {"edit": ..., "blobs": {name: sha256}}
    Column("who", String(128), nullable=False),
    Column("at", String(40), nullable=False),
    Column("version", String(40), nullable=False),
)

blobs = Table(
    "blobs", tables, Column("sha256", String(64), primary_key=True), Column("data", LargeBinary, nullable=False)
)

audit = Table(
    "audit",
    tables,
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("who", String(128), nullable=False),
    Column("what", String(80), nullable=False),
    Column("study_uid", String(128), nullable=False),
    Column("version", String(40), nullable=False),
    Column("details", Text, nullable=False),  # canonical JSON
    Column("hashes", Text, nullable=False),  # canonical JSON: name to sha256
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

workspaces = Table(
    "workspaces",
    tables,
    Column("owner", String(128), primary_key=True),
    Column("study_uid", String(128), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("data", Text, nullable=False),  # JSON
)

Upgrade = Callable[[Connection], None]


def _add_workspaces(connection: Connection) -> None:
    workspaces.create(connection)


UPGRADES: tuple[Upgrade, ...] = (_add_workspaces,)  # UPGRADES[n] takes a database from version n + 1 to n + 2


def version(connection: Connection) -> int:
    """Return the database's schema version; 0 where it is empty."""
    if not inspect(connection).has_table(meta.name):
        return 0
    return int(connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar_one())


def bring_up_to_date(connection: Connection, upgrades: tuple[Upgrade, ...] | None = None) -> None:
    """Make the tables of an empty database, or upgrade an older one; Problem where a newer program made it."""
    steps = UPGRADES if upgrades is None else upgrades
    newest, found = len(steps) + 1, version(connection)
    if found > newest:
        raise Problem(_("The case database was made by a newer MedViewer."), _("Install that version or a later one."))
    if found == 0:
        tables.create_all(connection)
        _forbid_changes_to_audit(connection)
        connection.execute(meta.insert().values(key="schema", value=str(newest)))
        return
    for step in steps[found - 1 :]:
        step(connection)
    if found < newest:
        connection.execute(meta.update().where(meta.c.key == "schema").values(value=str(newest)))


def _forbid_changes_to_audit(connection: Connection) -> None:
    """Where the database can (SQLite), it refuses to change or delete rows of the audit trail itself."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.exec_driver_sql(
                f"create trigger audit_no_{verb} before {verb} on audit "
                "begin select raise(abort, 'the audit trail is append-only'); end"
            )
