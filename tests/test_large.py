"""Very many incidents: distributions instead of rows, Parquet beside CSV, and tables that are read and checked once."""

import csv
import datetime as dt
import os
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import CLAIM, INCIDENT, SOURCE, write_registry
from outages.figures.style import LISTED
from outages.registry import registry as reading
from outages.registry import store
from outages.facts.policies import POLICIES
from outages.stats.intervals import quantile
from outages.report.length import by_class
from outages.registry.registry import check_folders, read_registry
from outages.report.comparison import open_report
from outages.facts.sensitivity import findings, under_policies
from outages.stats.turnbull import DISTINCT, WIDER, resampled
from outages.registry.files import RegistryError, columns
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


def test_parquet_says_what_csv_says(folder, tmp_path):
    """The same tables as Parquet, with numbers, moments and nulls of their own kinds, give the same registry; both at once are refused."""
    parquet = tmp_path / "tickets"
    parquet.mkdir()
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.stem == "measures":
            frame = frame.assign(
                value_low=frame["value_low"].astype(float), value_high=frame["value_high"].astype("int64"), note=None
            )
        if path.stem == "events":
            frame = frame.assign(
                time_low=pd.to_datetime(frame["time_low"], utc=True), actor=frame["actor"].astype("category")
            )
        frame.to_parquet(parquet / f"{path.stem}.parquet")
    one, two = read_registry(base=folder), read_registry(base=parquet)
    for name in ("incidents", "events", "measures", "sources"):
        a, b = getattr(one, name)[columns(name)], getattr(two, name)[columns(name)]
        assert a.astype(object).to_numpy().tolist() == b.astype(object).to_numpy().tolist()
    (parquet / "incidents.csv").write_bytes((folder / "incidents.csv").read_bytes())
    with pytest.raises(RegistryError, match=r"stands beside incidents\.csv; keep one"):
        read_registry(base=parquet)


@pytest.mark.parametrize("content", [b"no parquet", None])
def test_broken_parquet_is_one_line(folder, tmp_path, content):
    """A file that is no Parquet, or holds a moment without time zone, is named in one line."""
    broken = tmp_path / "tickets"
    broken.mkdir()
    for path in folder.glob("*.csv"):
        (broken / path.name).write_bytes(path.read_bytes())
    (broken / "events.csv").unlink()
    if content:
        (broken / "events.parquet").write_bytes(content)
    else:
        naive = pd.read_csv(folder / "events.csv", dtype=str, keep_default_na=False)
        naive.assign(time_low=pd.to_datetime(naive["time_low"]).dt.tz_localize(None)).to_parquet(
            broken / "events.parquet"
        )
    (problem,) = check_folders([broken])
    assert (
        "events.parquet" in problem.file and "cannot be read as Parquet" in problem.message and "\n" not in str(problem)
    )


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """Have small stacks kept too, in a cache of the test, and forget what this process has read."""
    monkeypatch.setattr(store, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(reading, "READ", {})
    return tmp_path / "cache" / "outages"


def test_a_large_stack_is_checked_once(make, kept, monkeypatch):
    """The second process takes what the first kept, equal in every cell and readable by the user alone; a change, or a damaged copy, is read anew."""
    folder = make("ours")
    first = read_registry(base=folder)
    (place,) = kept.iterdir()
    assert place.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(reading, "READ", {})
    with monkeypatch.context() as patch:
        patch.setattr(reading, "valid_tables", lambda _folders: pytest.fail("read again"))
        again = read_registry(base=folder)
    assert again.version == first.version
    for name in ("incidents", "events", "measures", "causes", "sources"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    monkeypatch.setattr(reading, "READ", {})
    (place / "events.arrow").write_bytes(b"damaged")
    assert len(read_registry(base=folder).events) == len(first.events)
    monkeypatch.setattr(reading, "READ", {})
    with (folder / "incidents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    write_registry(folder, {"incidents": [{**rows[0], "title_en": "Another title"}]})
    assert read_registry(base=folder).incidents["title_en"].tolist() == ["Another title"]


def test_what_is_not_in_order_is_not_kept(make, kept):
    """Tables with a fault are refused each time and leave nothing behind; neither does a cache that cannot be written."""
    folder = make("ours", incidents=[{**INCIDENT, "sector": "banking"}])
    for _ in range(2):
        with pytest.raises(RegistryError):
            read_registry(base=folder)
    assert not kept.exists()
    os.makedirs(kept.parent, exist_ok=True)
    kept.write_text("in the way")
    assert len(read_registry(base=make("sound")).incidents) == 1


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
