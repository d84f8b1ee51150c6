"""Suites that were brought here: one row for each version, and its items in order.

An item is a line of JSON. The items of a version share a `stage`: they are written first, some at a
time, and belong to nothing until the row of the version names it.
"""

STATEMENTS = (
    """
    CREATE TABLE suites (
        name VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        stage VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        criterion VARCHAR NOT NULL,
        count BIGINT NOT NULL,
        card VARCHAR NOT NULL,
        license VARCHAR NOT NULL,
        kinds VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        owner VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        PRIMARY KEY (name, version)
    )
    """,
    """
    CREATE TABLE suite_items (
        stage VARCHAR NOT NULL,
        position BIGINT NOT NULL,
        line VARCHAR NOT NULL
    )
    """,
)
