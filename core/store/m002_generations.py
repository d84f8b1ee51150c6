"""Every model call: what it cost and how it ended. NULL means not measured."""

STATEMENTS = (
    """
    CREATE TABLE generations (
        id VARCHAR PRIMARY KEY,
        created TIMESTAMP NOT NULL,
        model VARCHAR NOT NULL,
        prompt_hash VARCHAR NOT NULL,
        params VARCHAR NOT NULL,
        tokens_in BIGINT,
        tokens_out BIGINT,
        tokens_reused BIGINT,
        first_token_s DOUBLE,
        total_s DOUBLE,
        gpu_bytes_before BIGINT,
        gpu_bytes_after BIGINT,
        finish VARCHAR,
        error VARCHAR
    )
    """,
)
