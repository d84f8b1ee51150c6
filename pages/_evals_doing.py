"""What the buttons of Evals do: begin, cancel, go on, put away, bring back, label, keep, export.

It knows the names of the buttons and the fields that come with them, and calls the runs. What is
shown next is told by where it leads.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from core.errors import BadInput
from eval.exports import suffix, write
from pages import _evals_form, _evals_new, _evals_one, _evals_suites
from pages._evals_asked import Asked, go
from pages._evals_desk import Desk, button
from pages._evals_words import called
from pages._html import text

Given = Mapping[str, Any]
FIRST = {"suite": "arith", "n": 20, "seed": 0, "method": "naive", "name": "A first look"}
STAYS = "You may leave this page; it goes on."
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Done:
    """Where the page goes next and what it says; `body` and `piece` change only that much."""

    asked: Asked = field(default_factory=Asked)
    said: str = ""
    piece: str | None = None
    body: str | None = None
    file: Path | None = None


def do(desk: Desk, asked: Asked, given: Given) -> Done:
    """Do what a button or a form asks for."""
    act = str(given.get("do") or "")
    if act not in _ACTS:
        raise BadInput("That cannot be done here.", "Reload the page and try again.")
    return _ACTS[act](Doing(desk, asked, given))


class Doing:
    """One thing that is asked for: by whom, where, and with which fields."""

    def __init__(self, desk: Desk, asked: Asked, given: Given) -> None:
        fields = given.get("fields")
        self._desk, self._evals, self._owner = desk, desk.evals, desk.owner
        self._asked = asked
        self._given = given
        self._fields: Given = fields if isinstance(fields, Mapping) else {}

    def first(self) -> Done:
        """Begin a small run that needs no index."""
        return self._begun(dict(FIRST))

    def start(self) -> Done:
        """Begin what the form says: one run, or one for each combination."""
        config = _evals_form.config(self._fields)
        if "matrix" not in config:
            return self._begun(config)
        runs = self._evals.sweep(config, self._owner)
        return Done(said=_right(f"{len(runs)} runs are queued. {STAYS}"))

    def plan(self) -> Done:
        """Say what the form comes to so far."""
        return Done(body=_evals_new.planned(self._desk, self._fields))

    def cancel(self) -> Done:
        """End a run."""
        run = self._evals.cancel(self._run, self._owner)
        kept = "What was answered is kept; it can be gone on with."
        return Done(self._asked, _right(f"{called(run)} is being ended. {kept}"))

    def resume(self) -> Done:
        """Go on with a run."""
        run = self._evals.resume(self._run, self._owner)
        return Done(self._asked, _right(f"{called(run)} goes on. {STAYS}"))

    def delete(self) -> Done:
        """Put a run away."""
        run = self._evals.delete(self._run, self._owner)
        undo = button("Bring it back", "restore", run=run.id)
        to = Asked() if self._given.get("back") else self._asked
        return Done(to, _right(f"{called(run)} is deleted.", undo))

    def restore(self) -> Done:
        """Bring a run back."""
        run = self._evals.restore(self._run, self._owner)
        link = go(Asked(view="run", run=run.id), "Open it", "button")
        return Done(replace(self._asked, page=1), _right(f"{called(run)} is back.", link))

    def save_config(self) -> Done:
        """Keep what the form says under a name."""
        name, config = str(self._fields.get("kept") or ""), _evals_form.config(self._fields)
        kept = self._evals.save_config(name, config, self._owner)
        said = f"{kept.name} is kept among the saved configurations."
        return Done(Asked(view="new", config=kept.id), _right(said))

    def delete_config(self) -> Done:
        """Put a configuration away."""
        id = str(self._given.get("config") or "")
        self._evals.delete_config(id, self._owner)
        undo = button("Bring it back", "restore-config", config=id)
        return Done(Asked(view="new"), _right("The configuration is deleted.", undo))

    def restore_config(self) -> Done:
        """Bring a configuration back."""
        id = str(self._given.get("config") or "")
        self._evals.delete_config(id, self._owner, deleted=False)
        return Done(Asked(view="new", config=id), _right("The configuration is back."))

    def label(self) -> Done:
        """Let a person's word count."""
        passed = self._fields.get("passed")
        if passed not in ("0", "1"):
            raise BadInput("The label says neither right nor wrong.", "Choose one of the two.")
        name, reason = (str(self._fields.get(key) or "") for key in ("name", "reason"))
        position, epoch = self._place
        self._evals.label(
            self._run, position, epoch, passed == "1", name, reason, owner=self._owner
        )
        return Done(self._asked, _right("Your label is kept, and counts from now on."))

    def unlabel(self) -> Done:
        """Take a person's word back."""
        self._evals.unlabel(self._run, *self._place, self._owner)
        return Done(self._asked, _right("The label is taken back; the score counts again."))

    def export(self) -> Done:
        """Write a run as a file for other programs."""
        form = str(self._fields.get("form") or "csv")
        run = self._evals.get(self._run, self._owner)
        name = _UNSAFE.sub("-", called(run)).strip("-.") or "run"
        target = _folder() / f"{name}{suffix(form)}"
        file = write(form, run, lambda: self._evals.walk(run.id, self._owner), target)
        return Done(piece=_right(f"{file.name} is made; save it below."), file=file)

    def publish(self) -> Done:
        """Make a bundle of runs that opens from disk."""
        from eval.publish import publish_zip

        ids = [id for id in str(self._given.get("runs") or "").split(",") if id]
        hide = [self._desk.services.settings.data_dir]
        file = publish_zip(self._evals, ids, _folder(), self._owner, hide=hide)
        said = f"{file.name} is made; save it below, unpack it and open index.html."
        return Done(piece=_right(said), file=file)

    def one(self) -> Done:
        """Evaluate one question."""
        found = _evals_one.evaluate(self._desk, self._fields)
        return Done(Asked(view="one", sample=str(found.sample.position)))

    def delete_suite(self) -> Done:
        """Delete a suite that was brought."""
        name = str(self._given.get("suite") or "")
        _evals_suites.delete(self._desk, name)
        return Done(Asked(view="datasets"), _right(f"{name} is deleted. Runs on it are kept."))

    def _begun(self, config: dict[str, Any]) -> Done:
        run = self._evals.submit(config, self._owner)
        said = _right(f"{called(run)} is queued. {STAYS}")
        return Done(Asked(view="run", run=run.id), said)

    @property
    def _run(self) -> str:
        return str(self._given.get("run") or "")

    @property
    def _place(self) -> tuple[int, int]:
        position, epoch = str(self._given.get("position")), str(self._given.get("epoch") or 0)
        if not (position.isdecimal() and epoch.isdecimal()):
            raise BadInput("No sample is named.", "Reload the page and try again.")
        return int(position), int(epoch)


def _right(said: str, more: str = "") -> str:
    return f'<p class="right" role="status">✓ {text(said)} {more}</p>'


def _folder() -> Path:
    return Path(mkdtemp(prefix="plumbline-"))


_ACTS: dict[str, Callable[[Doing], Done]] = {
    "first": Doing.first,
    "start": Doing.start,
    "plan": Doing.plan,
    "cancel": Doing.cancel,
    "resume": Doing.resume,
    "delete": Doing.delete,
    "restore": Doing.restore,
    "save-config": Doing.save_config,
    "delete-config": Doing.delete_config,
    "restore-config": Doing.restore_config,
    "label": Doing.label,
    "unlabel": Doing.unlabel,
    "export": Doing.export,
    "publish": Doing.publish,
    "one": Doing.one,
    "delete-suite": Doing.delete_suite,
}
