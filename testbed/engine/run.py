"""A run: begin or go on, write each generation down as it comes, stop without losing one."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed.campaign import Campaign
from testbed.conditions import to_json
from testbed.engine import until
from testbed.engine.manifest import conditions as conditions_of
from testbed.engine.manifest import manifest, versions
from testbed.engine.prepare import Prepared, prepare
from testbed.engine.steady import same_source
from testbed.engine.watcher import Watcher
from testbed.engine.work import Job, Plan
from testbed.errors import Stopped, TestbedError, UserError
from testbed.executors import choose
from testbed.executors.events import Event, Executor
from testbed.facts import BaselineFact, GenerationFact, LeftAloneFact, Record
from testbed.ledger import MANIFEST, History, Ledger, is_free
from testbed.lineage import ROOT_MESSAGE, Batch, commit_message, origin, restore
from testbed.oversight import waiting
from testbed.oversight.waiting import ReviewRequest
from testbed.schema import materialise

MOST_LOSSES = 3
"""Times that the process of one lineage may die before the run gives up."""


@dataclass(slots=True)
class _Run:
    ledger: Ledger
    history: History
    plan: Plan
    watcher: Watcher
    executor: Executor

    def go(self) -> None:
        """Runs every lineage that has not ended to its end."""
        losses: Counter[tuple[int, int]] = Counter()
        for job in self._jobs():
            self.executor.submit(job)
        for event in self.executor.events():
            if isinstance(event, Event):
                if isinstance(event.batch, ReviewRequest):
                    waiting.put(self.ledger.folder, *event.job.key, event.batch)
                else:
                    self._write(event.job, event.batch)
                continue
            losses[event.job.key] += 1
            if losses[event.job.key] >= MOST_LOSSES:
                raise TestbedError(f"the process of lineage {event.job.key} died {MOST_LOSSES} times")
            self.watcher.warned(f"a lineage process ended{_how(event.code)}; its lineage goes on")
            known = self.ledger.reached().get(event.job.key)
            if known is None or not known.ended:
                self.executor.submit(self._job(*event.job.key))

    def _jobs(self) -> Iterator[Job]:
        progress = self.ledger.progress()
        total = done = 0
        jobs: list[Job] = []
        for index, condition in enumerate(self.plan.conditions):
            for lineage in range(condition.lineages):
                known = progress.get((index, lineage))
                total += condition.generations
                done += condition.generations if known and known.ended else known.generation if known else 0
                if not (known and known.ended):
                    jobs.append(self._job(index, lineage))
        self.watcher.began(self.ledger.folder, total, done)
        # One lineage of each condition after the other, so that an early look sees all conditions.
        return iter(sorted(jobs, key=lambda job: (job.lineage, job.condition)))

    def _job(self, index: int, lineage: int) -> Job:
        """The job to go on with a lineage that has not ended."""
        subject = self.plan.targets[self.plan.conditions[index].target].subject
        known_answers = waiting.answers(self.ledger.folder, index, lineage)
        return Job(index, lineage, restore(self.ledger, subject, index, lineage), known_answers)

    def _write(self, job: Job, batch: Batch) -> None:
        self.ledger.append(
            job.condition, job.lineage, batch.generation, batch.records, batch.blobs, batch.timings
        )
        if batch.files:
            branch = f"c{job.condition}/l{job.lineage}"
            self.history.write(branch, batch.files, batch.parent, batch.generation, batch.message)
        self.watcher.advanced(job, batch, self.plan.conditions[job.condition].generations)


def _how(code: int | None) -> str:
    return "" if code is None else f" with code {code}"


def start(
    campaign: Campaign,
    folder: Path,
    workers: int,
    watcher: Watcher,
    command: Sequence[str] = (),
    beside: Mapping[str, Any] | None = None,
) -> Ledger:
    """Runs a campaign in a new folder and returns its ledger, open.

    `beside` is what the manifest has besides the campaign (such as `until.begin` gives). Every target is
    examined before the folder is touched. Raises UserError (nothing was written), TestbedError, or Stopped.
    """
    _writable(folder, campaign)
    with stopping(folder):
        targets = prepare(campaign.conditions, campaign.seed, said=watcher.examining)
        ledger = Ledger.create(folder, {**manifest(campaign, command), **(beside or {})})
        for prepared in targets.values():
            _note(ledger, prepared, watcher)
        return _finish(ledger, Plan(campaign.seed, campaign.conditions, targets), workers, watcher)


def resume(folder: Path, workers: int, watcher: Watcher) -> Ledger:
    """Goes on with the run in `folder`, to the same facts as if it had never stopped."""
    with stopping(folder):
        ledger = Ledger.open(folder, write=True)
        said = dict(ledger.manifest)
        conditions = conditions_of(said)
        for name, version in versions(conditions).items():
            if said["versions"].get(name) != version:
                before = said["versions"].get(name)
                watcher.warned(f"{name} was {before} when the run began and is {version}: facts may differ")
        known = [record for _c, _l, record in ledger.records() if isinstance(record, BaselineFact)]
        targets = prepare(conditions, said["seed"], dict(enumerate(known)), ledger.blob, watcher.examining)
        for prepared in list(targets.values())[len(known) :]:
            _note(ledger, prepared, watcher)
        return _finish(ledger, Plan(said["seed"], conditions, targets), workers, watcher)


@contextlib.contextmanager
def stopping(folder: Path) -> Iterator[None]:
    """Ctrl-C at any moment is told with the folder to go on with, once there is a run in it."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(folder if (folder / MANIFEST).exists() else None) from None


def go_on(ledger: Ledger, workers: int, watcher: Watcher) -> Ledger:
    """Adds lineages as long as the run's `until` asks for them; see `testbed.engine.until`."""
    with stopping(ledger.folder):
        while "until" in ledger.manifest and not waiting.pending(ledger.folder):
            wider = until.further(ledger.manifest, until.look_at(ledger))
            if wider is None:
                break
            ledger.replan(wider)
            ledger.close()
            ledger = resume(ledger.folder, workers, watcher)
    return ledger


def _writable(folder: Path, campaign: Campaign) -> None:
    """Refuses a folder that the run could not be kept in, before the targets are examined."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if existing.is_dir() and not os.access(existing, os.W_OK | os.X_OK):
        raise UserError("cannot write there", where=str(folder), remedy="give another --out")
    if folder.exists() and (not folder.is_dir() or not is_free(folder)):
        what = "the folder is not empty" if folder.is_dir() else "is not a folder"
        raise UserError(what, where=str(folder), remedy=_other(folder, campaign))


def _other(folder: Path, campaign: Campaign) -> str:
    """What to do about a folder that is taken: resuming helps only where it has this very campaign."""
    try:
        said = json.loads((folder / "manifest.json").read_text())
        ours = json.loads(json.dumps([to_json(condition) for condition in campaign.conditions]))
        if said["conditions"] == ours and said["seed"] == campaign.seed:
            return f"give another --out, or go on with `testbed resume {folder}`"
        return f"it has another campaign ({said['name']}, seed {said['seed']}); give another --out"
    except (OSError, ValueError, KeyError, TypeError):
        return "give another --out"


def _note(ledger: Ledger, prepared: Prepared, watcher: Watcher) -> None:
    for name in prepared.fact.quarantined:
        watcher.warned(
            f"{prepared.fact.target}: {name} is not used, since it does not always answer the same"
        )
    records: list[Record] = [prepared.fact]
    if prepared.left_alone:
        records.append(LeftAloneFact(0, dict(sorted(prepared.left_alone.items()))))
    for path, reason in sorted(prepared.left_alone.items()):
        watcher.warned(f"{prepared.fact.target}: {path} is left alone ({reason})")
    ledger.append(-1, -1, 0, records, dict(prepared.blobs), {})


def _root_commits(history: History, plan: Plan) -> None:
    """G0 as the first commit of every branch that has none yet."""
    for index, condition in enumerate(plan.conditions):
        source = plan.targets[condition.target].subject.source
        for lineage in range(condition.lineages):
            if not history.has(f"c{index}/l{lineage}"):
                history.write(f"c{index}/l{lineage}", source, "", 0, ROOT_MESSAGE)


def _mend(ledger: Ledger, history: History, plan: Plan) -> None:
    """Writes the last commit of each lineage again: a kill may have come between ledger and history."""
    last: dict[tuple[int, int], list[GenerationFact]] = {}
    for condition, lineage, record in ledger.records():
        if isinstance(record, GenerationFact):
            last[condition, lineage] = [*last.get((condition, lineage), [])[-1:], record]
    for (condition, lineage), found in last.items():
        fact = found[-1]
        root = origin(plan.targets[plan.conditions[condition].target].subject).commit
        plain = {p: materialise(ledger.blob(d), frozenset(fact.live)) for p, d in fact.sources.items()}
        message = commit_message(fact.generation, fact.edits)
        parent = found[0].commit if len(found) > 1 else root
        history.write(f"c{condition}/l{lineage}", plain, parent, fact.generation, message)


def _finish(ledger: Ledger, plan: Plan, workers: int, watcher: Watcher) -> Ledger:
    history = History(ledger.folder)
    try:
        executor = choose.executor(plan, workers)
    except BaseException:
        ledger.close()
        history.close()
        raise
    try:
        _root_commits(history, plan)
        _mend(ledger, history, plan)
        with same_source(ledger.folder, watcher.warned):
            _Run(ledger, history, plan, watcher, executor).go()
    except BaseException:
        ledger.close()
        raise
    finally:
        executor.close()
        history.close()
    return ledger
