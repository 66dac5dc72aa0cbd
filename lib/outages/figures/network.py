"""Where does each organisation stand in a drawn network?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from networkx import DiGraph

SUPPLIERS, OPERATORS, VICTIMS = 22, 12, 26  # nodes of each column, so that a drawing does not grow with the data
LINES = {"cause": 5, "victim": 4}  # of one operator

Node = tuple[int, str]


def columns(whole: DiGraph, operators: set[str], focus: str = "") -> tuple[DiGraph, list[list[Node]]]:
    """Return what of a network is drawn in three columns: on whom operators depended, these, who fell with them.

    Parameters
    ----------
    whole : network whose edges carry `incidents` and `kind`, see `outages.facts.third_parties.network`
    operators : its nodes in the middle column; those with most causes, then with most lines, are drawn
    focus : operator that is drawn in any case

    Returns
    -------
    The graph of the lines drawn, whose nodes are pairs of column and name, and the nodes of each column from top to
    bottom, near those they belong to.
    """
    from networkx import DiGraph

    here = operators & set(whole)
    causes = {o: sum(edge["kind"] == "cause" for *_, edge in whole.in_edges(o, data=True)) for o in here}
    chosen = sorted(here, key=lambda o: (o == focus, causes[o], whole.degree(o), o), reverse=True)[:OPERATORS]
    drawn = DiGraph()
    for operator in chosen:
        for one, edge in heaviest(((one, edge) for one, _, edge in whole.in_edges(operator, data=True)), "cause"):
            drawn.add_edge((0, one), (1, operator), **edge)
        for two, edge in heaviest(((two, edge) for _, two, edge in whole.out_edges(operator, data=True)), "victim"):
            drawn.add_edge((1, operator), (2, two), **edge)
    middle = [(1, o) for o in chosen if (1, o) in drawn]
    near = {n: min(map(middle.index, [*drawn.successors(n), *drawn.predecessors(n)])) for n in drawn if n[0] != 1}
    sides = []
    for column, most in ((0, SUPPLIERS), (2, VICTIMS)):
        nodes = sorted((n for n in near if n[0] == column), key=lambda n: (near[n], n[1]))
        drawn.remove_nodes_from(nodes[most:])
        sides.append(nodes[:most])
    return drawn, [sides[0], middle, sides[1]]


def heaviest(lines: Iterable[tuple[str, dict]], kind: str) -> list[tuple[str, dict]]:
    """Return the lines of one kind behind which most incidents stand."""
    rows = [(name, edge) for name, edge in lines if edge["kind"] == kind]
    return sorted(rows, key=lambda line: (-len(line[1]["incidents"]), line[0]))[: LINES[kind]]
