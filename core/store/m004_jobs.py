"""Detached work and the records its workers wrote; `n` is a record's place in its file."""

STATEMENTS = (
    """
    CREATE TABLE jobs (
        id VARCHAR PRIMARY KEY,
        kind VARCHAR NOT NULL,
        target VARCHAR NOT NULL,
        args VARCHAR NOT NULL,
        environment VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        owner VARCHAR NOT NULL,
        priority INTEGER NOT NULL,
        created TIMESTAMP NOT NULL,
        started TIMESTAMP,
        ended TIMESTAMP,
        attempt INTEGER NOT NULL,
        pid INTEGER,
        born DOUBLE,
        progress DOUBLE,
        status VARCHAR NOT NULL,
        error VARCHAR,
        cancel_asked BOOLEAN NOT NULL,
        imported BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE job_records (
        job_id VARCHAR NOT NULL,
        n BIGINT NOT NULL,
        attempt INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        data VARCHAR NOT NULL,
        PRIMARY KEY (job_id, n)
    )
    """,
)
