"""What can be reached in a graph, and which nodes can be reached from themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set


def reached(start: Iterable[str], edges: Mapping[str, Set[str]]) -> set[str]:
    """What can be reached from `start`, over at least one edge."""
    found: set[str] = set()
    ahead = list(start)
    while ahead:
        for other in edges.get(ahead.pop(), frozenset()):
            if other not in found:
                found.add(other)
                ahead.append(other)
    return found


def cyclic(edges: Mapping[str, Set[str]]) -> frozenset[str]:
    """The nodes that lie on a cycle, loops to themselves included. Names without edges are no nodes."""
    return frozenset(
        name for part in _components(edges) for name in part if len(part) > 1 or name in edges[name]
    )


def _components(edges: Mapping[str, Set[str]]) -> Iterator[list[str]]:
    """Strongly connected components (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in edges:
        if root in index:
            continue
        work = [(root, iter([n for n in edges[root] if n in edges]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, ahead = work[-1]
            for other in ahead:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter([n for n in edges[other] if n in edges])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = [stack.pop()]
                    while part[-1] != node:
                        part.append(stack.pop())
                    on_stack.difference_update(part)
                    yield part
