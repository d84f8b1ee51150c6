"""The recipe of the language model that is shipped with Plumbline."""
