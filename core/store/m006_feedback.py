"""What visitors thought of an answer: one row for each thing they did, the latest counts."""

STATEMENTS = (
    """
    CREATE TABLE feedback (
        id VARCHAR PRIMARY KEY,
        owner VARCHAR NOT NULL,
        chat_id VARCHAR NOT NULL,
        message_id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        comment VARCHAR NOT NULL,
        question VARCHAR NOT NULL,
        answer VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        method VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL
    )
    """,
)
