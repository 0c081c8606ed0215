"""Questions about datasets that people keep, and their stars: Explore and Discover save them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_queries",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("organization_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_saved_queries_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_queries_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_queries")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_saved_queries_organization_id_kind"), "saved_queries", ["organization_id", "kind"]
    )
    op.create_index(op.f("ix_saved_queries_user_id"), "saved_queries", ["user_id"])
    op.create_table(
        "saved_query_stars",
        sa.Column("query_id", _BIG, nullable=False),
        sa.Column("user_id", _BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["query_id"], ["saved_queries.id"], name=op.f("fk_saved_query_stars_query_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_query_stars_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("query_id", "user_id", name=op.f("pk_saved_query_stars")),
    )
    op.create_index(op.f("ix_saved_query_stars_user_id"), "saved_query_stars", ["user_id"])
