"""Runs with what they asked, got and scored; labels people gave; answers made before; configs.

A sample's place is its position and its epoch; its rows are replaced when it is asked again.
What a page filters, sorts and adds up is a column, the rest of a sample is one document.
"""

STATEMENTS = (
    """
    CREATE TABLE runs (
        id VARCHAR PRIMARY KEY,
        name VARCHAR NOT NULL,
        owner VARCHAR NOT NULL,
        "key" VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        config VARCHAR NOT NULL,
        suite VARCHAR NOT NULL,
        suite_version VARCHAR NOT NULL,
        criterion VARCHAR NOT NULL,
        method VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        total INTEGER NOT NULL,
        done INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        created TIMESTAMP NOT NULL,
        started TIMESTAMP,
        ended TIMESTAMP,
        job_id VARCHAR,
        provenance VARCHAR NOT NULL,
        summary VARCHAR NOT NULL,
        error VARCHAR,
        deleted TIMESTAMP
    )
    """,
    """
    CREATE TABLE run_items (
        run_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        item_id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        cluster VARCHAR NOT NULL,
        item VARCHAR NOT NULL,
        PRIMARY KEY (run_id, position)
    )
    """,
    """
    CREATE TABLE samples (
        run_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        item_id VARCHAR NOT NULL,
        batch INTEGER NOT NULL,
        outcome VARCHAR NOT NULL,
        error VARCHAR NOT NULL,
        cached BOOLEAN NOT NULL,
        seconds DOUBLE,
        first_token_s DOUBLE,
        tokens_in BIGINT,
        tokens_out BIGINT,
        sample VARCHAR NOT NULL,
        PRIMARY KEY (run_id, position, epoch)
    )
    """,
    """
    CREATE TABLE scores (
        run_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        scorer VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        item_id VARCHAR NOT NULL,
        "value" DOUBLE,
        passed BOOLEAN,
        why VARCHAR NOT NULL,
        details VARCHAR NOT NULL,
        PRIMARY KEY (run_id, position, epoch, scorer, version)
    )
    """,
    """
    CREATE TABLE labels (
        id VARCHAR PRIMARY KEY,
        run_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        passed BOOLEAN NOT NULL,
        name VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        undone TIMESTAMP
    )
    """,
    """
    CREATE TABLE results (
        "key" VARCHAR PRIMARY KEY,
        created TIMESTAMP NOT NULL,
        used TIMESTAMP NOT NULL,
        hits BIGINT NOT NULL,
        bytes BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        sample VARCHAR NOT NULL
    )
    """,
    """
    CREATE TABLE run_configs (
        id VARCHAR PRIMARY KEY,
        owner VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        config VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        deleted TIMESTAMP
    )
    """,
)
