"""Corpora: files and chunks by generation, what of each chunk is embedded, and the embeddings.

A row is seen by the generations from `born` on, up to the one it `died` in. The bulk tables have
no keys: one writer replaces rows by path or by chunk, and a key's index would cost more than it
guards. A vector is the bytes of its little-endian float32 numbers: a third smaller than FLOAT[],
and read back without a copy.
"""

STATEMENTS = (
    """
    CREATE TABLE corpora (
        name VARCHAR PRIMARY KEY,
        title VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        settings VARCHAR NOT NULL,
        pending VARCHAR,
        state VARCHAR NOT NULL,
        generation INTEGER NOT NULL,
        staged INTEGER,
        last INTEGER NOT NULL,
        created TIMESTAMP NOT NULL,
        updated TIMESTAMP NOT NULL,
        report VARCHAR NOT NULL,
        job_id VARCHAR,
        error VARCHAR
    )
    """,
    """
    CREATE TABLE files (
        corpus VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        hash VARCHAR NOT NULL,
        size BIGINT NOT NULL,
        language VARCHAR NOT NULL,
        born INTEGER NOT NULL,
        died INTEGER
    )
    """,
    """
    CREATE TABLE chunks (
        corpus VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        "start" BIGINT NOT NULL,
        "end" BIGINT NOT NULL,
        kind VARCHAR NOT NULL,
        symbol VARCHAR NOT NULL,
        names VARCHAR[] NOT NULL,
        language VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        context VARCHAR NOT NULL,
        span_start BIGINT NOT NULL,
        span_end BIGINT NOT NULL,
        text VARCHAR NOT NULL,
        born INTEGER NOT NULL,
        died INTEGER
    )
    """,
    """
    CREATE TABLE pieces (
        corpus VARCHAR NOT NULL,
        embedder VARCHAR NOT NULL,
        chunk_id VARCHAR NOT NULL,
        n INTEGER NOT NULL,
        hash VARCHAR NOT NULL,
        born INTEGER NOT NULL,
        died INTEGER
    )
    """,
    """
    CREATE TABLE embeddings (
        embedder VARCHAR NOT NULL,
        hash VARCHAR NOT NULL,
        vector BLOB NOT NULL
    )
    """,
)
