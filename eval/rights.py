"""Who may see and change which run, and what strangers may ask of a server that is open to all.

It knows owners and caps. A run of nobody was made by whoever runs the machine: everybody may look
at it.
"""

from dataclasses import replace

from core.errors import Busy, Forbidden, NotFound
from core.records import Run
from core.settings import Settings
from core.store.runs import RunRows
from eval.config import RunConfig
from eval.questions import is_file

STRANGER_N = 50
_HERE = ("settings", "machine")
_PLACES = ("url", "folder")
NOBODY = ""


class Rights:
    """The rules of one server."""

    def __init__(self, settings: Settings, rows: RunRows, alone: bool = False) -> None:
        self._settings = settings
        self._alone = alone
        self._rows = rows

    @property
    def is_open(self) -> bool:
        """Say whether strangers can reach this server."""
        return not self._alone and (self._settings.public or self._settings.is_open)

    def readers(self, owner: str | None) -> list[str] | None:
        """Return the owners whose runs somebody may see; None is every owner."""
        return None if owner is None else [owner, NOBODY]

    def readable(self, id: str, owner: str | None, deleted: bool = False) -> Run:
        """Return a run by its id, or the newest of that name, if it may be seen."""
        readers = self.readers(owner)
        for run in (*self._by_id(id), *self._rows.named(id, deleted)):
            if readers is None or run.owner in readers:
                return run
        raise NotFound(f"There is no run {id[:200]!r}.", "`python -m eval list` shows them.")

    def shown(self, run: Run, owner: str | None) -> Run:
        """Return a run as somebody may see it: strangers are not told of this machine."""
        return for_strangers(run) if owner is not None and self.is_open else run

    def writable(self, id: str, owner: str | None, deleted: bool = False) -> Run:
        """Return a run that may be changed; by its name one that is there, or was put away."""
        run = self.readable(id, owner, deleted)
        self.check_own(run.owner, owner)
        return run

    def check_own(self, owned_by: str, owner: str | None) -> None:
        """Refuse to change what belongs to somebody else."""
        mine = owner is None or owned_by == owner or (owned_by == NOBODY and not self.is_open)
        if not mine:
            raise Forbidden("This is not yours to change.", "Make one of your own.")

    def checked(self, config: RunConfig, owner: str, trusted: bool) -> RunConfig:
        """Return the configuration, or say what of it may not be asked for here."""
        if trusted or not self.is_open:
            return config
        self.check_asked(config)
        if any(run.owner == owner for run in self._rows.open()):
            raise Busy("You have a run under way here.", "Wait until it is done, or cancel it.")
        return config.model_copy(update={"priority": min(0, config.priority)})

    def check_asked(self, config: RunConfig) -> None:
        """Refuse what strangers may not ask for, whoever else is at it."""
        if not self.is_open:
            return
        choice = (config.model, config.judge)
        if any(each.url or each.folder or each.name for each in choice):
            raise Forbidden(
                "A model of your own cannot be named on an open server.",
                "Leave model and judge blank, or run Plumbline yourself.",
            )
        if is_file(config.suite):
            raise Forbidden("Files of an open server cannot be read.", "Name a suite.")
        asked = (config.n or STRANGER_N + 1) * config.epochs
        if asked > STRANGER_N:
            raise Forbidden(
                f"At most {STRANGER_N} samples are asked for a stranger.", f"Set n to {STRANGER_N}."
            )

    def _by_id(self, id: str) -> list[Run]:
        try:
            return [self._rows.get(id)]
        except NotFound:
            return []


def for_strangers(run: Run) -> Run:
    """Return a run without the settings, the folders and the addresses of this machine."""
    known = {name: value for name, value in run.provenance.items() if name not in _HERE}
    made = known.get("made")
    if isinstance(made, dict):
        known["made"] = {name: value for name, value in made.items() if name not in _HERE}
    config = dict(run.config)
    for name in ("model", "judge"):
        told = dict(config.get(name) or {})
        config[name] = {key: "set" if key in _PLACES and at else at for key, at in told.items()}
    return replace(run, provenance=known, config=config)
