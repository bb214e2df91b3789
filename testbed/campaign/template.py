"""The campaign file to start from: every key with its default and its meaning."""

from __future__ import annotations

import json
from textwrap import wrap

from testbed.campaign.keys import Key, keys, tables

_WIDTH = 96

HEAD = (
    "A campaign of the compounding-flaw testbed.",
    "",
    "Every key is shown with its default. Any key in a table but the gate may be a list of levels: the "
    "campaign then has a condition for each combination. `testbed run THIS --dry-run` prints the conditions "
    "and the time.",
)

TABLES = {
    "target": "Which codebase evolves.",
    "modifier": "Who changes the code, and how much.",
    "injection": "Which faults are seeded, how many, and where.",
    "oracles": "The screen: the automated checks that each generation must pass.",
    "oversight": "The checkpoint: who reviews, how often and how deep.",
    "truth": "How hard the ground truth is looked for. More costs time and finds more witnesses.",
    "limits": "Bounds of a lineage and of one execution.",
    "budget": "What the checks of one generation may spend, over all its candidates; 0: no bound.",
    "gate": "What `testbed gate` and `testbed run --gate` ask of the finished campaign.",
}

MEANING = {
    "name": "Names the run's folder.",
    "seed": "Same campaign, same seed: same facts.",
    "generations": "Cycles of each lineage.",
    "lineages": "Replicates of each condition. More lineages, narrower intervals.",
    "target.name": "A built-in (`testbed targets`), a folder, git:PATH@COMMIT, or pypi:NAME==VERSION.",
    "target.python": "An interpreter whose environment the target runs in; empty: the testbed's own.",
    "target.install": "Make, and cache, a virtual environment with what the target asks for.",
    "target.package": "What may be changed, relative to the target; empty: found.",
    "target.tests": "What pytest is given, relative to the target; empty: found.",
    "modifier.name": "See `testbed modifiers`.",
    "modifier.edits": "Edits asked for in each generation.",
    "modifier.copying": "Probability that an edit is a copy, which gives the faults in it offspring.",
    "modifier.profile": "The mix of edits. even: all alike, with `copying`; another one has a mix of its "
    "own, and a number of edits around `edits`.",
    "modifier.refactorings": "Only these, those of plug-ins too; empty: all that come with the testbed.",
    "modifier.recording": "Tests added in each generation that expect what the code does then, faults and "
    "all; one that fails later and reveals nothing is rewritten.",
    "modifier.rewriting": "Probability that a unit test of the target that fails is rewritten to expect "
    "what the code does, faults and all, instead of revealing them.",
    "modifier.tasks": "command, chat: a Markdown file with a task in each `##` section, taken in turn; "
    "empty: the code is to be tidied up.",
    "modifier.seconds": "command, chat, self: limit of one edit.",
    "modifier.command": "command: the program and its arguments; it runs in a folder with the code.",
    "modifier.sandbox": "command: bubblewrap: it can write to its own folder and no other.",
    "modifier.writable": "command: further places for it to write to in the sandbox, such as its settings.",
    "modifier.model": "chat: the model's name.",
    "modifier.client": "chat: openai, or inspect: any provider of Inspect AI, named in `model`.",
    "modifier.prices": 'chat: "MODEL=IN/OUT", the prices of a million tokens; empty: cost is not counted.',
    "modifier.endpoint": "chat: an OpenAI-compatible address; empty: $OPENAI_BASE_URL, or the client's own.",
    "modifier.repository": "replay: a git repository.",
    "modifier.commits": "replay: FIRST..LAST; the target is git:REPOSITORY@FIRST.",
    "modifier.entry": "self: module:function of the target, from files to files.",
    "modifier.second": "self: at each generation divisible by this the frozen reference builds the "
    "successor, and what comes out otherwise is looked into; 0: never.",
    "modifier.paths": "replay: only commits that touch one of these; empty: all.",
    "injection.rate": "See unit.",
    "injection.unit": "rate is the mean number of faults a generation (generation), for each 1,000 changed "
    "lines (kloc), the probability of a fault for each edit (change), or the number of faults in each "
    "generation (fixed; of 1.5, one or two).",
    "injection.placement": "In what the change touched, anywhere, or anywhere with more in functions that "
    "few tests run, that many others depend on, or of which little has been read in reviews.",
    "injection.mix": "How frequent each family is: by published figures of field data or of machine-written "
    'code, all alike, or a table such as "logic=3, state=1".',
    "injection.families": "See `testbed injectors`.",
    "injection.operators": "Empty: all of these families.",
    "injection.recorded": "For the family recorded: a file that `testbed injectors import` wrote.",
    "injection.residual": "Only faults that the tests of the screen do not find at birth.",
    "injection.witnessed": "Only faults for which an input was found on which they show.",
    "oracles.unit": "The target's unit tests.",
    "oracles.property": "Its Hypothesis tests, with a fresh seed each generation.",
    "oracles.examples": "Examples for each property test and generation.",
    "oracles.differential": "Outputs, exceptions and mutated arguments against a baseline.",
    "oracles.inputs": "Inputs for each differential entry point and generation.",
    "oracles.baseline": "Compared with the frozen reference; with the previous generation as it was; "
    "or with tests that the generation has regenerated from its own behaviour.",
    "oracles.response": "A failure leads to a fix of what failed, or to another proposal.",
    "oversight.preset": "How the code is built; sets what this file leaves out. See docs/oversight.md.",
    "oversight.policy": "every: at fixed intervals; risk: where it looks risky; audit: at random; adaptive: "
    "more often after a finding, less often after clean checkpoints.",
    "oversight.every": "A checkpoint at each generation divisible by this; 0: never. Where adaptive begins.",
    "oversight.risk": "The highest counts: lines, files, coverage, warnings, or a plug-in's score.",
    "oversight.threshold": "A checkpoint at this risk and above.",
    "oversight.audits": "Probability that a generation is audited.",
    "oversight.audit_budget": "Most audits in a lineage; 0: no bound.",
    "oversight.clean": "Checkpoints in a row without a finding that double the interval of adaptive.",
    "oversight.relaxed": "Its longest interval.",
    "oversight.depth": "Share of the changed lines that is read.",
    "oversight.reviewer": "ideal, constant, paced, fatigued, salience, command, human, or a plug-in's: "
    "`testbed reviewers`.",
    "oversight.command": "The reviewer command's program and arguments. It gets the change as JSON.",
    "oversight.command_seconds": "Seconds that the program may take for one review.",
    "oversight.sensitivity": "Probability that a fault is seen when its line is read, at best.",
    "oversight.false_alarms": "Mean number of false alarms in 100 lines read.",
    "oversight.response": "A finding leads to a fix; to another proposal; back to the last generation "
    "reviewed; or to the rest of the lines being read, and then a fix.",
    "oversight.let_in": "Probability that a finding is not acted on: finding is not acting.",
    "oversight.faulty_fix": "Probability that a fix, the screen's or the review's, puts in a new fault.",
    "oversight.pace": "Lines read in an hour.",
    "truth.inputs": "Differential inputs for each entry point and generation, beside those of the screen.",
    "truth.witness_inputs": "Differential inputs for each entry point, searched at a fault's birth.",
    "truth.witness_examples": "Hypothesis examples for each property test, searched at birth.",
    "limits.retries": "Further proposals after one that was refused; then the lineage has stalled.",
    "limits.runaway": "Live faults at which a lineage ends as runaway; 0: no bound.",
    "limits.runaway_blast": "Share of deviating differential inputs at which it does; 0: no bound.",
    "limits.test_seconds": "CPU seconds that a test may take beyond ten times its baseline.",
    "limits.timeouts": "Tests that may not end before the rest is not run with the same faults; 0: no bound.",
    "limits.memory_mib": "Address space that the code under test may add, in MiB.",
    "budget.executions": "Tests and differential inputs of the screen; what is over is left out at random.",
    "budget.examples": "Hypothesis examples of the screen.",
    "budget.hours": "Hours of review, at the stated pace.",
    "gate.bounds": 'Such as "alive_after_5 < 0.10 at 0.95" or "escaped.security == 0"; see docs/ci.md.',
    "gate.undecided": "What a bound leads to that lies inside its interval.",
}


def written(value: object) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(written(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in wrap(text, _WIDTH - 2)] or ["#"]


def _lines(key: Key) -> list[str]:
    said = MEANING.get(key.address, "")
    if key.choices:
        said = f"{said} One of: {', '.join(key.choices)}.".strip()
    return [*(_comment(said) if said else []), f"{key.name} = {written(key.default)}", ""]


def template() -> str:
    """The text of the file; read again, it is the default campaign."""
    lines = [line for text in HEAD for line in _comment(text)] + [""]
    for table in ("", *tables()):
        if table:
            lines += [*_comment(TABLES.get(table, "")), f"[{table}]"]
        for key in keys().values():
            if key.table == table:
                lines += _lines(key)
    return "\n".join(lines).rstrip() + "\n"
