"""Every live fault of a generation looked for in a text that something opaque made of it."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from testbed.protocols import Source
from testbed.schema import materialise, render
from testbed.traces import Trace, TraceStatus
from testbed.tracing.align import Alignment, Span, aligned, between
from testbed.tracing.definitions import Definition, alike, definitions, enclosing, new_ones
from testbed.tracing.places import Place, is_healed, place
from testbed.tracing.sites import Site, sites
from testbed.tracing.tokens import tokens
from testbed.tracing.write import Wanted, write

Said = Literal["faulty", "clean", "other", "unknown"]
Witnesses = Callable[[int, Mapping[str, str]], Said]
"""What a fault's witnesses say of a text: it does what the faulty, or what the healed old one did."""

ALIKE = 0.4  # share of tokens that a function must have in common with the one that a fault is looked for in
COPY = 0.75  # the same, for a new function that counts as a copy
AROUND = 10  # tokens before and after a site that say whether a function is the one around it


@dataclass(frozen=True, slots=True)
class Traced:
    """The edited text in switchable form, and what became of each fault."""

    source: dict[str, str]
    traces: tuple[Trace, ...]

    def of(self, fault: int) -> Trace:
        """The trace of one fault."""
        return next(trace for trace in self.traces if trace.fault == fault)


@dataclass(frozen=True, slots=True)
class _Found:
    site: Site
    path: str
    place: Place
    where: str
    fault: int
    parent: int | None = None
    status: TraceStatus | None = None

    def holds(self, other: _Found) -> bool:
        """Whether the other place is inside this one."""
        ours, theirs = self.place, other.place
        return self.path == other.path and ours.start <= theirs.start and theirs.end <= ours.end


def undecided(_fault: int, _text: Mapping[str, str]) -> Said:
    """Where there are no witnesses to ask."""
    return "unknown"


def trace(
    source: Source,
    live: frozenset[int],
    edited: Mapping[str, str],
    offspring: Callable[[int], int],
    witnesses: Witnesses = undecided,
    gone: tuple[Site, ...] = (),
    *,
    clean: bool = False,
) -> Traced:
    """Carries the guards of `live` over to the edited plain text.

    `gone` are sites of faults that were healed earlier, as `healed_sites` gives them: an edit that brings
    their text back reintroduces them. Every edited file must compile. Where the edited text is `clean`, made
    from the old one without any fault, the faults are carried into it. Where it changed what a fault had
    changed, the function as it was, fault and all, is put in its place: with witnesses that say it does
    there what it did, the two are entangled; else the fault is overwritten.
    """
    return _Tracing(source, live, edited, offspring, witnesses, clean).run(gone)


class _Tracing:
    def __init__(
        self,
        source: Source,
        live: frozenset[int],
        edited: Mapping[str, str],
        offspring: Callable[[int], int],
        witnesses: Witnesses = undecided,
        clean: bool = False,
    ) -> None:
        self.clean = clean
        self.live, self.edited = live, dict(edited)
        self.offspring, self.witnesses = offspring, witnesses
        self.old = {path: render(text, frozenset() if clean else live).text for path, text in source.items()}
        self.sites = list(sites(source, live, clean=clean))
        self.fresh = new_ones(self.old, self.edited)

    def run(self, gone: tuple[Site, ...]) -> Traced:
        found: list[_Found] = []
        lost: list[Site] = []
        for site in self.sites:
            one = self._found(site)
            if one is None:
                lost.append(site)
            else:
                found.append(one)
        found += self._copies(found)
        back = [one for site in gone if (one := self._back(site)) is not None]
        tangled, others = self._decided(lost, {one.fault for one in found})
        tangled = [one for one in tangled if not any(map(one.holds, [*found, *back]))]
        made, failed = self._written([*found, *back, *tangled])
        kept = [one for one in [*found, *back, *tangled] if one not in failed]
        known = {one.fault for one in kept} | {trace.fault for trace in others}
        unwritten = [one.site for one in failed if one.parent is None and one not in back]
        others += self._decided(unwritten, known)[1]
        return self._told(made, kept, others)

    def _found(self, site: Site) -> _Found | None:
        """Where the site is: in its own function, else in the function most like it."""
        home = self._home(site)
        if site.path in self.edited:
            if self._is_gone(site):
                return None
            there = place(site, aligned(site.faulty, self.edited[site.path]))
            if there is not None and not self._elsewhere(site, home, there):
                return _Found(site, site.path, there, self._where(site.path, there), site.fault)
        if home is None:
            return None
        own = [d for d in definitions(site.path, self.edited.get(site.path, "")) if d.where == home.where]
        likely = sorted([*self.fresh, *own], key=lambda one: (one.where != home.where, -alike(home, one)))
        for other in likely:
            one = self._in(site, home, other) if alike(home, other) >= ALIKE else None
            if one is not None:
                return one
        return self._in_a_part(site)

    def _is_gone(self, site: Site) -> bool:
        """Whether the file says in that place what the healed file says: the edit is the fix."""
        first, last = tokens(site.faulty).within(site.start, site.end)
        alignment = aligned(site.faulty, self.edited[site.path])
        kept = alignment.run((first, last)) is not None
        if kept and all(alignment.says(index) for index in range(first, last)):
            return False
        return is_healed(site, aligned(site.healed, self.edited[site.path]))

    def _elsewhere(self, site: Site, home: Definition | None, there: Place) -> bool:
        """Whether lines alike misled the alignment: the function is still there, the place is in another.

        That is a function that was there before, too, or a copy: the function itself still has the site,
        with as much of what was around it.
        """
        where = self._where(site.path, there)
        if home is None or where == home.where:
            return False
        now = {d.where: d for d in definitions(site.path, self.edited[site.path])}
        own, other = now.get(home.where), now.get(where)
        if own is None or other is None:
            return False
        if where in {d.where for d in definitions(site.path, site.faulty)}:
            return True
        return self._in(site, home, own) is not None and self._around(site, own) >= self._around(site, other)

    def _around(self, site: Site, other: Definition) -> float:
        """The share of the tokens around the site that a function has."""
        alignment, around = self._part(site, other)
        return len(alignment.at) / (around[1] - around[0])

    def _part(self, site: Site, other: Definition) -> tuple[Alignment, Span]:
        """The tokens around the site, and where they are in a function."""
        old = tokens(site.faulty)
        first, last = old.within(site.start, site.end)
        around = (max(0, first - AROUND), min(len(old.items), last + AROUND))
        return between(old, tokens(self.edited[other.path]), around, other.span), around

    def _home(self, site: Site) -> Definition | None:
        return enclosing(site.path, site.faulty, site.faulty.count("\n", 0, site.start + 1) + 1)

    def _where(self, path: str, there: Place) -> str:
        home = enclosing(path, self.edited[path], tokens(self.edited[path]).line_of(there.start))
        return home.where if home else ""

    def _in(self, site: Site, home: Definition, other: Definition) -> _Found | None:
        old, new = tokens(site.faulty), tokens(self.edited[other.path])
        there = place(site, between(old, new, home.span, other.span))
        inside = there is not None and other.lines[0] <= new.line_of(there.start) <= other.lines[1] + 1
        return _Found(site, other.path, there, other.where, site.fault) if there and inside else None

    def _in_a_part(self, site: Site) -> _Found | None:
        """The statements around the site, in a function that was cut out of its own."""
        best: tuple[float, _Found] | None = None
        for other in self.fresh:
            alignment, around = self._part(site, other)
            there = place(site, alignment)
            share = len(alignment.at) / (around[1] - around[0])
            if there is not None and share >= 0.5 and (best is None or share > best[0]):
                best = share, _Found(site, other.path, there, other.where, site.fault)
        return best[1] if best else None

    def _copies(self, found: list[_Found]) -> list[_Found]:
        """The same places in new functions that are like those in which the faults are.

        A place that could be a copy of several faults, which are copies of each other then, is one of the
        most alike, and of these the nearest.
        """
        claims: dict[tuple[str, Place], tuple[float, float, _Found]] = {}
        known = {d.where for path, text in self.old.items() for d in definitions(path, text)}
        for one in found:
            home = self._home(one.site)
            for other in self.fresh if home is not None else ():
                if (other.path, other.where) == (one.path, one.where) or other.where in known:
                    continue
                assert home is not None
                likeness = alike(home, other)
                copy = self._in(one.site, home, other) if likeness >= COPY else None
                if copy is not None:
                    far = abs(self._line(copy) - self._line(one)) if copy.path == one.path else float("inf")
                    claim = (likeness, -far, replace(copy, parent=one.fault))
                    best = claims.get((copy.path, copy.place))
                    if best is None or claim[:2] > best[:2]:
                        claims[copy.path, copy.place] = claim
        numbers: dict[tuple[int | None, str, str], int] = {}
        made = []
        for _likeness, _far, copy in claims.values():
            key = (copy.parent, copy.path, copy.where)
            if key not in numbers:
                numbers[key] = self.offspring(copy.fault)
            made.append(replace(copy, fault=numbers[key]))
        return made

    def _back(self, site: Site) -> _Found | None:
        """A healed fault whose text an edit brought back; `site` has the old text as its healed one."""
        text = self.edited.get(site.path)
        if text is None or site.healed != self.old.get(site.path) or text == site.healed:
            return None
        if is_healed(site, aligned(site.healed, text)):
            return None
        there = place(site, aligned(site.faulty, text))
        if there is None:
            return None
        return _Found(site, site.path, there, self._where(site.path, there), site.fault, None, "reintroduced")

    def _written(self, found: list[_Found]) -> tuple[dict[str, str], list[_Found]]:
        made: dict[str, str] = {}
        failed: list[_Found] = []
        for path, text in sorted(self.edited.items()):
            here = {Wanted(one.fault, one.place): one for one in found if one.path == path}
            made[path], left = write(text, list(here), clean=self.clean) if here else (text, [])
            failed.extend(here[wanted] for wanted in left)
        return made, failed

    def _decided(self, lost: list[Site], known: set[int]) -> tuple[list[_Found], list[Trace]]:
        """Faults whose text the edit changed too: their witnesses decide.

        One that still acts gets a guard around its function as it is now, whose other version is the
        function as it was, healed.
        """
        found: list[_Found] = []
        traces: list[Trace] = []
        for site in lost:
            if site.fault in known:
                continue
            known.add(site.fault)
            if self.clean:
                kept = self._as_it_was(site)
                found.extend(kept)
                traces.append(Trace(site.fault, "entangled" if kept else "overwritten"))
                continue
            healed = site.path in self.edited and self._is_gone(site)
            said = self.witnesses(site.fault, self.edited)
            if said == "faulty":
                traces.append(Trace(site.fault, "entangled"))
                found.extend(self._whole_function(site))
            elif said == "clean" or healed:
                traces.append(Trace(site.fault, "overwritten"))
            else:
                traces.append(Trace(site.fault, "unattributed"))
        return found, traces

    def _as_it_was(self, site: Site) -> list[_Found]:
        """The function with the fault in it, where it still does what it did; nothing where it does not."""
        for one in self._whole_function(site):
            text = self.edited[one.path]
            made, left = write(text, [Wanted(one.fault, one.place)], clean=True)
            if not left:
                on = {**self.edited, one.path: materialise(made, frozenset({one.fault}))}
                if self.witnesses(site.fault, on) == "faulty":
                    return [one]
        return []

    def _whole_function(self, site: Site) -> Iterator[_Found]:
        """The function that the site was in, under its name, else a new one that is most like it."""
        home = self._home(site)
        if home is None:
            return
        now = [d for p, t in self.edited.items() for d in definitions(p, t) if d.where == home.where]
        now.sort(key=lambda each: each.path != site.path)
        if not now:
            like = [d for d in self.fresh if alike(home, d) >= ALIKE]
            now = sorted(like, key=lambda each: -alike(home, each))
        there = _whole(site, home, now[0], self.edited[now[0].path]) if now else None
        if there is not None:
            yield _Found(site, now[0].path, there, now[0].where, site.fault, status="entangled")

    def _told(self, made: dict[str, str], kept: list[_Found], others: list[Trace]) -> Traced:
        told = {trace.fault: trace for trace in others}
        for one in kept:
            if one.fault not in told or one.status == "entangled":
                line = self._line(one)
                told[one.fault] = Trace(one.fault, self._status(one), one.path, line, one.parent)
        return Traced(made, tuple(trace for _fault, trace in sorted(told.items())))

    def _line(self, one: _Found) -> int:
        text, start = self.edited[one.path], one.place.start
        while start < one.place.end and text[start].isspace():
            start += 1
        return tokens(text).line_of(start)

    def _status(self, one: _Found) -> TraceStatus:
        home = self._home(one.site)
        stayed = one.path == one.site.path and one.where == (home.where if home else "")
        return one.status or ("carried" if stayed and one.parent is None else "moved")


def _whole(site: Site, home: Definition, now: Definition, text: str) -> Place | None:
    """The whole of a function, whose other version is the function as it was, under its new name."""
    healed = next((d for d in definitions(site.path, site.healed) if d.where == home.where), None)
    if healed is None:
        return None
    start, end = tokens(text).lines(*now.lines)
    first, last = tokens(site.healed).lines(*healed.lines)
    cure = site.healed[first:last]
    old, new = (each.where.rpartition(".")[2] for each in (home, now))
    if old != new:
        cure = re.sub(rf"\bdef {re.escape(old)}\b", f"def {new}", cure, count=1)
    return Place(start, end, cure, True)


def healed_sites(source: Source, live: frozenset[int], healed: frozenset[int]) -> tuple[Site, ...]:
    """The sites of faults that are about to be healed, as `trace` takes them: all other live faults on."""
    rest = live - healed
    found: list[Site] = []
    for fault in sorted(healed):
        found.extend(site for site in sites(source, rest | {fault}) if site.fault == fault)
    return tuple(found)


def problem(edited: Mapping[str, str]) -> str:
    """Why an edited source cannot be used, or ""."""
    for path, text in sorted(edited.items()):
        try:
            compile(text, path, "exec", dont_inherit=True)
            tokens(text)
        except (SyntaxError, ValueError, tokenize.TokenError) as trouble:
            return f"{path}: {trouble}"
        if "\r" in text:
            return f"{path}: has carriage returns"
        if "__fault__" in text:
            return f"{path}: says __fault__, which the testbed needs for itself"
    return ""
