"""One question at a time: answered here or brought along, scored, and kept like any other sample.

It knows the three grades that are told of it and what each stands on. A language model judges
only where one of some size answers; elsewhere the grades are counted from words.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.assistant.methods.rag import Rag
from core.assistant.way import METHODS, MOST_PASSAGES, Way
from core.errors import BadInput
from core.messages import Params, Stop
from core.records import Answered, Item, Run, Sample, Score
from core.seams import Answerer
from core.store.samples import Taken
from core.store.values import new_id, now
from eval import report, trial
from eval.amending import Amending
from eval.config import nearest
from eval.contestant import GIVEN, given
from eval.jury import Jury
from eval.outcomes import outcome

NAME = "Evaluate one"
CRITERION = "contains"
JUDGED = "endpoint"
_FIELDS = ("question", "answer", "method", "reference", "contexts", "corpus")
_COUNTED = (CRITERION, "exact_match", "token_f1", "faithfulness", "hallucination")
_GRADES = {
    "correctness": ("judge", CRITERION),
    "faithfulness": ("judge", "faithfulness"),
    "hallucination": ("judge", "hallucination"),
}


class Evaluating(Amending):
    """Samples that somebody asks for one by one, in a run of their own."""

    answering: Callable[[Way], Answerer] | None = None
    _one = threading.Lock()

    def evaluate(self, asked: Mapping[str, Any], owner: str = "") -> Answered:
        """Answer a question, or take the answer that comes with it; score and keep it."""
        item = _item(asked)
        sample = self._sample(asked, item)
        # Without a server none can judge; what comes along need not wait for a model then.
        judge = self.judging() if self.settings.inference_url else None
        judges = judge is not None and judge.card().kind == JUDGED
        names = (*_COUNTED, *(("judge",) if judges else ()))
        jury = Jury(names, self.settings, lambda: judge, lambda: None, self.support)
        scores = tuple(jury.scores(item, sample))
        with self._one:
            run = self._run_of(owner)
            place = self.rows.extend(run.id, item)
            sample = trial.placed(sample, run.id, place, 0, place)
            kept = tuple(replace(score, run_id=run.id) for score in scores)
            said = outcome(item, sample, kept, CRITERION)
            self.samples_kept.take_in(run.id, [Taken(sample, kept, said)])
            self.rows.amend(run.id, summary=report.aggregates(run, self.samples_kept))
        return self.samples_kept.one(run.id, place)

    def _sample(self, asked: Mapping[str, Any], item: Item) -> Sample:
        if asked.get("answer") is not None:
            answer, evidence = str(asked["answer"]), tuple(given(item)("", MOST_PASSAGES))
            marks = tuple(self.support.marks(answer, evidence)) if answer and evidence else ()
            return Sample("", item.id, 0, answer=answer, evidence=evidence, marks=marks)
        method = asked.get("method") or "rag"
        if method not in METHODS:
            raise BadInput(f"{str(method)[:100]!r} is no method.{nearest(str(method), METHODS)}")
        if self.answering is None:
            raise BadInput("No model is open here.", "Start the app, or send the answer along.")
        way = Way(method=method, corpus=str(asked.get("corpus") or ""))
        model = self.judging() if method == "rag" and item.contexts else None
        answerer = (
            Rag(model, given(item), GIVEN, way.top_k, self.support, self.settings.missing_names)
            if model is not None
            else self.answering(way)
        )
        params = Params(max_tokens=self.settings.max_tokens)
        return trial.tried(
            lambda: trial.asked(lambda *_: answerer, None, item, params, Stop()), item, 0, Stop()
        )

    def _run_of(self, owner: str) -> Run:
        known = self.rows.by_key(owner, NAME)
        if known is not None:
            return known
        run = Run(
            id=new_id(),
            name=NAME,
            owner=owner,
            state="completed",
            config={"name": NAME, "suite": NAME},
            suite=NAME,
            suite_version="",
            criterion=CRITERION,
            method="",
            model="",
            total=0,
            created=now(),
        )
        return self.rows.add(run, (), NAME)


def grades(answered: Answered) -> dict[str, dict[str, Any]]:
    """Return the three grades of a sample, each with the scorer it stands on; None is unscored."""
    found = {score.scorer: score for score in answered.scores}
    return {name: _grade(name, [found.get(by) for by in order]) for name, order in _GRADES.items()}


def _grade(name: str, scores: "list[Score | None]") -> dict[str, Any]:
    why = "Nothing scores this."
    for score in scores:
        if score is None:
            continue
        value = score.details.get(name) if score.scorer == "judge" else score.value
        if value is not None:
            return {"value": value, "by": f"{score.scorer}@{score.version}", "why": score.why}
        why = score.why or why
    return {"value": None, "by": "", "why": why}


def _item(asked: Mapping[str, Any]) -> Item:
    unknown = [name for name in asked if name not in _FIELDS]
    if unknown:
        raise BadInput(f"{unknown[0][:100]} is not a field.{nearest(unknown[0], _FIELDS)}")
    question = asked.get("question")
    if not isinstance(question, str) or not question.strip():
        raise BadInput("There is no question.", "Send question, and answer or method.")
    reference, contexts = asked.get("reference"), asked.get("contexts") or ()
    if isinstance(contexts, str) or not all(isinstance(text, str) for text in contexts):
        raise BadInput("contexts is no list of texts.", 'Send ["…", "…"].')
    references = (reference,) if isinstance(reference, str) and reference.strip() else ()
    return Item(new_id(), question, references, contexts=tuple(contexts))
