"""Agents' runs belong to a visitor and to a chat, and go with it; blank where there is none."""

STATEMENTS = (
    "ALTER TABLE threads ADD COLUMN owner VARCHAR DEFAULT ''",
    "ALTER TABLE threads ADD COLUMN chat_id VARCHAR DEFAULT ''",
)
