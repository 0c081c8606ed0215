"""A migrated records store and the models say the same; ids are never given twice."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete

from vedette.storage.records.database import Records
from vedette.storage.records.schema import Base, Organization


def test_a_migrated_store_has_the_schema_of_the_models(records: Records) -> None:
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_id_of_a_deleted_row_is_not_given_again(records: Records) -> None:
    def add(slug: str) -> int:
        with records.write() as session:
            row = Organization(slug=slug, name=slug, created_us=1)
            session.add(row)
            session.flush()
            return row.id

    first = add("first")
    with records.write() as session:
        session.execute(delete(Organization).where(Organization.id == first))
    assert add("second") > first
