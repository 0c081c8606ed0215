"""The records store: SQLite or PostgreSQL through SQLAlchemy. Small, relational, transactional."""
