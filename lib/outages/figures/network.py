"""Who depended on whom? A directed graph in three columns: where each organisation stands, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from outages.figures import style
from outages.figures.style import FOCUS, INK, PALETTE, SOFT, Figure, Look, plain, start, theme
from outages.language import Words

if TYPE_CHECKING:
    from networkx import DiGraph, MultiDiGraph

MOST = 60  # nodes of a column
SUPPLIERS, OPERATORS, VICTIMS = 12, 10, 14  # nodes of each column, so that a drawing does not grow with the data
LINES = {"cause": 5, "victim": 4}  # of one operator
LEAST = 2  # lines of an operator that is drawn, if it is not in focus
Node = tuple[int, str]


@theme()
def layered(
    graph: Any, columns: Sequence[Sequence[Node]], heads: Sequence[str], words: Words, *, bold: Sequence[str] = ()
) -> Figure:
    """Draw a directed graph in three columns: on whom it depended, whose network it was, who fell.

    Parameters
    ----------
    graph : networkx graph whose edges carry `incidents` and `kind`; nodes are pairs of column and name
    columns : the nodes of each column from top to bottom, of which the first `MOST` are drawn
    heads : the heads of the columns
    bold : names in focus
    """
    columns = [column[:MOST] for column in columns]
    tallest = max(map(len, columns), default=0)
    if not tallest:
        return style.nothing(words)
    figure, axis = start(tallest * 0.84, extra=1.0)
    place = {
        node: (number, (order + 0.5) * tallest / len(column))
        for number, column in enumerate(columns)
        for order, node in enumerate(column)
    }
    for one, two, edge in graph.edges(data=True):
        if one in place and two in place:
            edge_line(axis, place[one], place[two], edge["kind"] == "cause", len(edge["incidents"]))
    sides = {0: ("right", -0.03), 1: ("center", 0.0), 2: ("left", 0.03)}
    for node, (x, y) in place.items():
        side, shift = sides[x]
        strong = node[1] in bold
        box: Look = {"facecolor": "white", "edgecolor": FOCUS if strong else SOFT, "pad": 1.6, "lw": 0.6, "alpha": 0.95}
        look: Look = {"weight": "bold" if strong else "normal", "bbox": box if x == 1 else None}
        name = plain(words.party(node[1]), 25)
        axis.text(x + shift, y, name, ha=side, va="center", fontsize=8, zorder=5, **look)
        if x != 1:
            axis.plot([x], [y], "o", color=INK, ms=3.2, zorder=4)
    for x, head in enumerate(heads):
        axis.text(x, -0.7, plain(head, 20), ha=sides[x][0], va="bottom", fontsize=8, weight="bold")
    axis.set_xlim(-0.8, 2.8)
    axis.set_ylim(tallest + 0.2, -1.6)
    axis.axis("off")
    return figure


def edge_line(axis: Axes, one: tuple[int, float], two: tuple[int, float], cause: bool, incidents: int) -> None:
    """Draw a bent line from one place to another, thicker the more incidents stand behind it, dashed for a damage."""
    bend = np.linspace(0, 1, 24)
    x = one[0] + 0.02 + (two[0] - one[0] - 0.04) * bend
    y = one[1] + (two[1] - one[1]) * bend * bend * (3 - 2 * bend)
    colour, dashes = (PALETTE[3], "-") if cause else (PALETTE[9], (0, (4, 2)))
    axis.plot(x, y, color=colour, lw=0.7 + 1.1 * incidents, alpha=0.6, zorder=1, linestyle=dashes)


def columns(whole: MultiDiGraph, operators: set[str], focus: str = "") -> tuple[DiGraph, list[list[Node]]]:
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
    drawn.remove_nodes_from([n for n in middle if drawn.degree(n) < LEAST and n[1] != focus])
    drawn.remove_nodes_from([n for n in [*drawn] if n[0] != 1 and not drawn.degree(n)])
    return drawn, [[n for n in column if n in drawn] for column in (sides[0], middle, sides[1])]


def heaviest(lines: Iterable[tuple[str, dict]], kind: str) -> list[tuple[str, dict]]:
    """Return the lines of one kind behind which most incidents stand."""
    rows = [(name, edge) for name, edge in lines if edge["kind"] == kind]
    return sorted(rows, key=lambda line: (-len(line[1]["incidents"]), line[0]))[: LINES[kind]]
