"""Settings and versions as they were, one row each time they changed."""

STATEMENTS = (
    """
    CREATE TABLE snapshots (
        id VARCHAR PRIMARY KEY,
        created TIMESTAMP NOT NULL,
        settings VARCHAR NOT NULL,
        versions VARCHAR NOT NULL
    )
    """,
)
