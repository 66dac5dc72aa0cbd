"""Very many incidents: distributions instead of rows."""

import datetime as dt
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import CLAIM, INCIDENT, SOURCE, write_registry
from outages.facts.policies import POLICIES
from outages.stats.intervals import quantile
from outages.report.length import by_class
from outages.figures.plots import LISTED
from outages.registry.registry import check_folders, read_registry
from outages.report.comparison import open_report
from outages.facts.sensitivity import findings, under_policies
from outages.stats.turnbull import DISTINCT, WIDER, resampled
from outages.registry.schema import columns
from outages.report.users import by_cell
from test_pages import Reader
from test_parts import DEEP, checked, whole

N = LISTED + 100


def tickets(folder: Path, n: int = N) -> Path:
    """Write an operator's tickets: onset, restoration, people hit, and a detection for every other."""
    pick = random.Random(7)
    rows: dict[str, list[dict[str, str]]] = {"incidents": [], "events": [], "measures": [], "sources": [SOURCE]}
    for number in range(n):
        start = dt.datetime(2020, 1, 1) + dt.timedelta(hours=7 * number)
        lasted, users = int(pick.lognormvariate(5, 1.5)) + 1, int(pick.lognormvariate(6, 2)) + 1
        incident = f"{start:%Y-%m-%d}-acme-fr-t{number:05d}"
        about = {**CLAIM, "incident_id": incident, "locator": f"ticket {number}"}
        rows["incidents"].append({**INCIDENT, "incident_id": incident, "title_en": f"Ticket {number}", "title_fr": f"Ticket {number}", "timezone": "UTC"})  # fmt: skip
        moments = [
            ("onset", 0, ""),
            ("restored", lasted, ""),
            *([("detected", min(lasted, 5), "operator")] if number % 2 else []),
        ]
        for event, after, actor in moments:
            at = (start + dt.timedelta(minutes=after)).strftime("%Y-%m-%dT%H:%M+00:00")
            rows["events"].append({**about, "event": event, "actor": actor, "time_low": at, "time_high": at})
        rows["measures"].append({**about, "measure": "users_affected", "value_low": str(users), "value_high": str(users), "unit": "persons", "bound": "exact"})  # fmt: skip
    keys = {"events": ("incident_id", "time_low", "event")}
    for table, found in rows.items():
        found.sort(key=lambda row, table=table: tuple(row[k] for k in keys.get(table, columns(table)[:1])))
    return write_registry(folder, rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write the tickets once."""
    return tickets(tmp_path_factory.mktemp("large") / "tickets")


@pytest.fixture(scope="module")
def report(folder):
    """Open the comparison of all of them."""
    return open_report(base=folder)


def test_figures_show_distributions(report, folder):
    """Length and people are counted by classes that hold every incident once; tables and claims list some, the others are counted."""
    lengths, users = report.evidence.lengths, report.evidence.users
    assert check_folders([folder]) == [] and len(lengths) == N
    counted = by_class(lengths)
    assert counted["surely"].sum() == counted["perhaps"].sum() == N
    cells = by_cell(lengths[["low", "high"]].assign(users_low=users["low"], users_high=users["high"]))
    assert cells["incidents"].sum() == N
    for block in (report.length.figure(), report.users.figure()):
        assert str(block.html).count("<img") == 1 and len(block.html) < 100_000
    assert str(report.incidents().html).count("<tr") == LISTED // 2 + 2
    assert "incidents with most claims" in report.incidents().html


def test_links_of_a_large_page_lead_somewhere(report):
    """Numbers of incidents that the page does not list carry no link."""
    parts = [report.summary(), report.length.groups_table(), report.users.concentration(), report.users.table(), report.delays.summary(), report.delays.table(), report.length.table(), report.incidents(), report.claims(), report.sources()]  # fmt: skip
    page = Reader("".join(part.html for part in parts))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("values", [[(5, 5), (10, 10), (2000, 2100)], [(0, 3), (3, 3), (1, float("inf"))]])
def test_classes_against_brute_force(values):
    """A length is surely in the class that holds all of it, and perhaps in every class that it meets."""
    known = pd.DataFrame(values, columns=["low", "high"], dtype=float)
    found = by_class(known)
    for row in found.itertuples():
        inside = [low >= row.left and high < row.right for low, high in values]
        meets = [low < row.right and high >= row.left for low, high in values]
        assert (row.surely, row.perhaps) == (sum(inside), sum(meets))


def test_classed_curve_lies_around_the_exact_one():
    """With more different times than are kept apart the curve's bounds hold the exact shares, and are no wider than the classes."""
    times = np.unique(np.round(np.random.default_rng(3).lognormal(5, 1.5, 4 * DISTINCT), 2))
    found = resampled(pd.DataFrame({"low": times, "high": times}), resamples=0)
    assert found.classed and len(found.curve.mass) < len(times)
    at = np.quantile(times, [0.1, 0.5, 0.9])
    low, high = found.curve.share_by(at)
    exact = np.searchsorted(times, at, side="right") / len(times)
    assert (low <= exact + 1e-9).all() and (exact <= high + 1e-9).all()
    median = quantile(pd.DataFrame({"low": times, "high": times}), 0.5)
    own = found.curve.quantile(0.5)
    assert own.low <= median.high and median.low <= own.high and own.high <= own.low * WIDER**2 * (1 + 1e-9)


def test_the_median_under_each_policy_is_that_of_all(folder):
    """Incidents that no policy moves are resolved once and only their middle is kept: the medians are those of resolving everything anew."""
    registry = read_registry([folder])
    found = under_policies(registry, findings(registry, "widest")).set_index(["finding", "policy"])
    for policy in POLICIES:
        for finding, values in findings(registry, policy).items():
            row, median = found.loc[(finding, policy)], quantile(values, 0.5)
            assert (row["low"], row["high"], row["n"]) == (median.low, median.high, len(values.dropna()))


@pytest.mark.parametrize("name", DEEP)
def test_every_page_comes_out_on_very_many_incidents(name, folder):
    """Each page about one question tells of very many incidents, and lists only what stands on it."""
    checked(whole(name, read_registry([folder]), "fr"))
