"""The ways of answering; each module is one Answerer."""
