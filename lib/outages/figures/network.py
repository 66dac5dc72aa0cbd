"""Who depended on whom? A directed graph in three columns: where each organisation stands, and how it is drawn."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from outages.figures.style import FOCUS, INK, PALETTE, SOFT, Figure, Look, plain, start, theme
from outages.language import Words

OPERATORS, SIDES = 10, {"cause": 12, "victim": 14}  # names chosen: a drawing does not grow with the data
LINES = {"cause": 5, "victim": 4}  # of one operator
LEAST = 2  # lines of an operator that is drawn, if it is not in focus


@theme()
def layered(
    links: pd.DataFrame,
    columns: Sequence[Sequence[str]],
    heads: Sequence[str],
    words: Words,
    *,
    bold: Sequence[str] = (),
) -> Figure:
    """Draw a directed graph in three columns: on whom it depended, whose network it was, who fell.

    Parameters
    ----------
    links : `operator`, `party`, `kind` and number of `incidents`, one row a link, see `most_linked`
    columns : the names in each column from top to bottom
    heads : the heads of the columns
    bold : names in focus
    """
    tallest = max(map(len, columns))
    figure, axis = start(tallest * 0.84, extra=1.0)
    place = {
        (number, name): (number, (order + 0.5) * tallest / len(column))
        for number, column in enumerate(columns)
        for order, name in enumerate(column)
    }
    for link in links.itertuples():
        one, two = (
            ((0, link.party), (1, link.operator)) if link.kind == "cause" else ((1, link.operator), (2, link.party))
        )
        if one in place and two in place:
            link_line(axis, place[one], place[two], link.kind == "cause", link.incidents)
    sides = {0: ("right", -0.03), 1: ("center", 0.0), 2: ("left", 0.03)}
    for (_, party), (x, y) in place.items():
        side, shift = sides[x]
        strong = party in bold
        box: Look = {"facecolor": "white", "edgecolor": FOCUS if strong else SOFT, "pad": 1.6, "lw": 0.6, "alpha": 0.95}
        look: Look = {"weight": "bold" if strong else "normal", "bbox": box if x == 1 else None}
        name = plain(words.party(party), 25)
        axis.text(x + shift, y, name, ha=side, va="center", fontsize=8, zorder=5, **look)
        if x != 1:
            axis.plot([x], [y], "o", color=INK, ms=3.2, zorder=4)
    for x, head in enumerate(heads):
        axis.text(x, -0.7, plain(head, 20), ha=sides[x][0], va="bottom", fontsize=8, weight="bold")
    axis.set_xlim(-0.8, 2.8)
    axis.set_ylim(tallest + 0.2, -1.6)
    axis.axis("off")
    return figure


def link_line(axis: Axes, one: tuple[int, float], two: tuple[int, float], cause: bool, incidents: int) -> None:
    """Draw a bent line from one place to another, thicker the more incidents stand behind it, dashed for a damage."""
    bend = np.linspace(0, 1, 24)
    x = one[0] + 0.02 + (two[0] - one[0] - 0.04) * bend
    y = one[1] + (two[1] - one[1]) * bend * bend * (3 - 2 * bend)
    colour, dashes = (PALETTE[3], "-") if cause else (PALETTE[9], (0, (4, 2)))
    axis.plot(x, y, color=colour, lw=0.7 + 1.1 * incidents, alpha=0.6, zorder=1, linestyle=dashes)


def most_linked(links: pd.DataFrame, focus: str = "") -> tuple[pd.DataFrame, list[list[str]]]:
    """Return what of a network is drawn in three columns: on whom operators depended, these, who fell with them.

    Parameters
    ----------
    links : `operator`, `party`, `kind` as in `outages.facts.third_parties.network`, one row a link, and its number of
        `incidents`
    focus : operator that is drawn in any case; else those with most causes, then with most links

    Returns
    -------
    The links drawn, and the names in each column from top to bottom, near those they belong to.
    """
    causes = links.loc[links["kind"] == "cause", "operator"].value_counts()
    every = pd.concat([links["operator"], links["party"]]).value_counts()
    names = sorted(set(links["operator"]), key=lambda o: (o == focus, causes.get(o, 0), every[o], o), reverse=True)
    rows = links.assign(place=links["operator"].map({name: place for place, name in enumerate(names[:OPERATORS])}))
    rows = rows.dropna().sort_values(["place", "kind", "incidents", "party"], ascending=[True, True, False, True])
    rows = rows[rows.groupby(["operator", "kind"]).cumcount() < rows["kind"].map(LINES)]
    nearest = rows.sort_values(["place", "party"]).drop_duplicates(["kind", "party"])
    nearest = nearest[nearest.groupby("kind").cumcount() < nearest["kind"].map(SIDES)]
    rows = rows.merge(nearest[["kind", "party"]])
    rows = rows[rows.groupby("operator")["party"].transform("size").ge(LEAST) | (rows["operator"] == focus)]
    sides = [nearest.merge(rows.loc[rows["kind"] == kind, ["kind", "party"]].drop_duplicates()) for kind in SIDES]
    left, right = (list(side["party"]) for side in sides)
    return rows.drop(columns="place"), [left, list(rows["operator"].unique()), right]
