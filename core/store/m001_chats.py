"""Chats and their messages. Positions are unique per chat because one writer assigns them."""

STATEMENTS = (
    """
    CREATE TABLE chats (
        id VARCHAR PRIMARY KEY,
        owner VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        updated TIMESTAMP NOT NULL
    )
    """,
    """
    CREATE TABLE messages (
        id VARCHAR PRIMARY KEY,
        chat_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        role VARCHAR NOT NULL,
        content VARCHAR NOT NULL,
        created TIMESTAMP NOT NULL,
        details VARCHAR NOT NULL
    )
    """,
)
