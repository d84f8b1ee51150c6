"""Threads: an agent's run after each of its steps, to go on with or to look at again.

What a step left is bytes that only the agent's graph reads. `place` tells what one task wrote
apart; a task that is run again writes to the same places.
"""

STATEMENTS = (
    """
    CREATE TABLE threads (
        id VARCHAR PRIMARY KEY,
        created TIMESTAMP NOT NULL,
        updated TIMESTAMP NOT NULL
    )
    """,
    """
    CREATE TABLE thread_steps (
        thread_id VARCHAR NOT NULL,
        space VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        parent VARCHAR,
        kind VARCHAR NOT NULL,
        body BLOB NOT NULL,
        about_kind VARCHAR NOT NULL,
        about BLOB NOT NULL,
        PRIMARY KEY (thread_id, space, id)
    )
    """,
    """
    CREATE TABLE thread_writes (
        thread_id VARCHAR NOT NULL,
        space VARCHAR NOT NULL,
        step_id VARCHAR NOT NULL,
        task VARCHAR NOT NULL,
        place INTEGER NOT NULL,
        channel VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        body BLOB NOT NULL,
        path VARCHAR NOT NULL,
        PRIMARY KEY (thread_id, space, step_id, task, place)
    )
    """,
)
