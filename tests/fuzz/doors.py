"""Through which doors does input of others come, and what may be pushed through each?"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from parts import Reader, html_of

from conftest import INCIDENT, ONSET, SOURCE, TABLES, write_registry
from outages.cli import main
from outages.curation.cohort import add_cohort
from outages.curation.export import TABLES as EXPORTED
from outages.curation.export import export
from outages.curation.importer import import_list
from outages.curation.tables import format_folder, new_incident
from outages.language import Words
from outages.registry.doubts import doubts_of
from outages.registry.files import minutes_of
from outages.registry.form import problems_of
from outages.registry.registry import check_folders, read_registry
from outages.registry.rules import RULES
from outages.registry.schema import Problem, columns, resources, study_tables
from outages.render.catalogue import due, read_catalogue
from outages.render.index import write_index
from outages.render.manifest import read_manifest
from outages.render.order import pairs
from outages.render.places import page_names
from outages.render.planning import parameters_of, plan
from outages.studies import Study, open_incident, open_study
from outages.studies.peers import open_peers

ODD = (  # texts that have broken something, here or elsewhere
    *("", " ", "-0", "-1", "nan", "inf", "1e400", "-1e400", "{", "{value}", "%s", "%n", "a;b", ";", ",", "\\"),
    *('"', "'", "1677-09-20T23:59:59Z", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00"),
    *("2020-03-01T10:00+99:99", "2020-02-31", "0000", "2021-13", "2020-03-01T24:00+01:00"),
    *("2020-03-01T23:59:60Z", "2020/2021", "/", "2020-W10", "../x", "a/b", "/etc/passwd", "~", "~root", "CON"),
    *(".", "..", "NO", "null", "true", "=1+1", "@SUM(A1)", "٣", "٢٠٢٠", "\x1b[2J", "\x1b]0;x\x07", "\x00"),
    *("a\nb", "a\rb", "\x0b", "\x13", "\ufffe", "\uffff", "\u202e", "\ufeff", "\u2028"),
    *("<script>alert(1)</script>", "javascript:alert(1)", "$x_{2$", "_row", "9" * 26, "9" * 400, "9" * 5000),
    *("x" * 3000, "Europe", "\ud7ff", "FR", "fr", "FR,BE", "UK", "Norway", "Acme", INCIDENT["incident_id"]),
    *("2020-03-01T10:00+01:00", "1000", "telecom"),
)
PUBLIC = (".csv", ".json", ".parquet", ".xlsx", ".txt", "", ".CSV")
TEXT = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=30)
ANY = TEXT | st.text(max_size=12)  # with halves of signs, which a file in UTF-8 cannot hold
VALUE = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.just(10**400) | st.dates().map(str)
TREE = st.recursive(VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
BYTES = st.binary(max_size=200) | TEXT.map(lambda text: text.encode())
OFFSET = st.sampled_from(["Z", "+00:00", "+01:00", "+02:00", "-05:00", "+24:00", "-23:59", "+00:09", ""])
MOMENT = st.one_of(st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)), st.datetimes())
NUMBER = st.integers(0, 99).map("{:02d}".format)
TIME = st.one_of(
    st.tuples(MOMENT.map(lambda moment: moment.isoformat(timespec="minutes")), OFFSET).map("".join),
    st.tuples(MOMENT.map(lambda moment: moment.isoformat(timespec="seconds")), OFFSET).map("".join),
    st.tuples(st.dates().map(str), st.just("T"), NUMBER, st.just(":"), NUMBER, OFFSET).map("".join),
    st.tuples(st.just("2021-"), NUMBER, st.just("-"), NUMBER, st.just("T02:30"), OFFSET).map("".join),
)
CELLS = [(table, column) for table in study_tables() for column in columns(table)]
MANY = 40  # texts or moments that are checked together
PLACE = Path()  # a folder of this process, see `enter`; `out` in it holds a page that nobody may change


class Batch(NamedTuple):
    """What became of inputs that are checked together, since most of the time goes into the check."""

    refused: int
    accepted: int


Lines = list[str] | Batch | None  # the lines that refuse an input


@dataclass(frozen=True)
class Door:
    """What may come in, what is done with it, its share of the inputs, and how many of them go through at once."""

    inputs: SearchStrategy[Any]
    enter: Callable[[Any], Lines]
    weight: float
    at_once: int = 1


def enter(place: Path) -> None:
    """Make the folder in which everything happens: a small registry, a page, and room."""
    global PLACE
    PLACE = place
    write_registry(place / "small", TABLES)
    for folder in ("out", "room"):
        (place / folder).mkdir()
    (place / "out" / "methods.en.html").write_text("<title>old</title>", encoding="utf-8")


def room() -> Path:
    """Return an empty folder."""
    shutil.rmtree(PLACE / "room", ignore_errors=True)
    (PLACE / "room").mkdir()
    return PLACE / "room"


def small() -> Path:
    """Return a copy of the small registry that may be changed."""
    return Path(shutil.copytree(PLACE / "small", room() / "ours"))


def told(problems: list[Problem]) -> list[str]:
    """Return problems that refuse a registry, as they are shown, after all of them have been."""
    lines = {problem: str(problem) for problem in problems}
    assert all(len(line) <= 200 and line.isprintable() for line in lines.values()), max(lines.values(), key=len)
    return [line for problem, line in lines.items() if problem.level == "error"]


def cell(given: list[tuple[tuple[str, str], str]]) -> Batch:
    """Put any text into any cell of any table that a study is read from, each in a row of its own."""
    rows = {name: [dict(row) for row in TABLES.get(name, [])] for name in study_tables()}
    for (table, column), text in given:
        rows[table].append({**TABLES.get(table, [{}])[0], column: text})
    placed = {
        name: [
            {c: row.get(c, "") for c in columns(name)} | {"_file": f"{name}.csv", "_row": line, "_origin": "ours"}
            for line, row in enumerate(found, 2)
        ]
        for name, found in rows.items()
    }
    for row in placed["events"]:
        row |= {"low": minutes_of(row["time_low"]), "high": minutes_of(row["time_high"])}
    problems = [*problems_of(placed, RULES), *doubts_of(placed)]
    told(problems)
    refused = {(p.file, p.row) for p in problems if p.level == "error" and p.column not in ("(row)", "incident_id")}
    added = {
        (f"{name}.csv", n + 2) for name, found in rows.items() for n in range(len(TABLES.get(name, [])), len(found))
    }
    return Batch(len(refused & added), len(added - refused))


def time(given: list[tuple[str, str]]) -> Batch:
    """Write any moments; one that is taken is the same moment when it is read."""
    right = [(f"{low[:10]}-acme-fr-n{n}", low, high) for n, (low, high) in enumerate(given)]
    while right:
        rows = sorted(right)
        incidents = [INCIDENT | {"incident_id": name} for name, _, _ in rows]
        events = [{**ONSET, "incident_id": n, "time_low": low, "time_high": high} for n, low, high in rows]
        folder = write_registry(room() / "ours", {"incidents": incidents, "sources": [SOURCE], "events": events})
        problems = check_folders([folder])
        if not told(problems):
            break
        wrong = {p.row for p in problems if p.level == "error"}
        right = [row for n, row in enumerate(rows) if n + 2 not in wrong]
    if right:
        found = read_registry((), folder).events
        for got, (_, low, high) in zip(found.itertuples(), sorted(right), strict=True):
            assert [got.low, got.high] == [minutes_of(low), minutes_of(high)]
            assert [minutes_of(got.time_low), minutes_of(got.time_high)] == [got.low, got.high]
    return Batch(len(given) - len(right), len(right))


def table_file(given: tuple[str, bytes, int, bool]) -> Lines:
    """Damage the file of a table; `format` mends it, or leaves it byte for byte."""
    name, added, at, cut = given
    folder = small()
    path = folder / resources()[name]["path"]
    whole = path.read_bytes() if path.exists() else b""
    at %= len(whole) + 1
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(whole[:at] + added + whole[at + len(added) * cut :])
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    lines = told(check_folders([folder]))
    try:
        format_folder(folder)
        format_folder(folder)
    except ValueError:
        assert before == {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        raise
    return lines


def study(given: dict[str, Any]) -> Lines:
    """Open a study with any value of any parameter."""
    open_study(**{"base": PLACE / "small", **given})
    return None


def incident(given: dict[str, Any]) -> Lines:
    """Open one incident, or one and its peers, with any value of any parameter."""
    base = {"base": PLACE / "small"}
    if "incident" in given:
        open_incident(**base | {k: v for k, v in given.items() if k in ("incident", "lang", "policy", "data", "base")})
    else:
        given.setdefault("focus", INCIDENT["incident_id"])
        open_peers(**base | given)
    return None


def notebook(given: Any) -> Lines:
    """Read any file as a notebook."""
    path = room() / "mine.ipynb"
    path.write_bytes(given if isinstance(given, bytes) else json.dumps(given).encode("utf-8", "surrogatepass"))
    parameters_of(path)
    return None


def named(given: tuple[str, list[str], str]) -> Lines:
    """Plan any report with any parameters, as the command line gives them."""
    name, words, lang = given
    plan(name, pairs(words), lang, [])
    return None


def toml(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return "''" if value is None else str(value) if isinstance(value, float) else json.dumps(value)


def toml_file(given: Any, name: str) -> Path:
    """Write a table, or bytes, as a TOML file."""
    path = room() / name
    lines = (
        given
        if isinstance(given, bytes)
        else "".join(f"{json.dumps(k)} = {toml(v)}\n" for k, v in given.items()).encode()
    )
    path.write_bytes(lines)
    return path


def catalogue(given: Any) -> Lines:
    """Read any catalogue; no page of it leaves the folder."""
    entries, faults = read_catalogue(toml_file(given, "catalogue.toml"), [PLACE / "small"])
    for entry in entries:
        assert os.path.basename(entry.file) == entry.file and not entry.file.startswith("."), entry.file
    due(entries, {}, datetime(2026, 1, 1, tzinfo=UTC))
    return faults or None


def map_file(given: tuple[Any, bytes, str]) -> Lines:
    """Import any list by any map."""
    map_, content, ending = given
    path = toml_file(map_, "map.toml")
    file = path.with_name(f"list{ending}")
    file.write_bytes(content)
    result = import_list(file, path, path.with_name("overlay"), base=PLACE / "small")
    assert all(len(line) <= 200 and line.isprintable() for line in result.lines())
    return None


def exported(given: tuple[str, str]) -> Lines:
    """Export any table to any name."""
    what, name = given
    base = open_study(base=PLACE / "small")
    export(base, what, room() / name)
    return None


def cohort_file(given: tuple[Any, Any]) -> Lines:
    """Add any list to a cohort by any map."""
    map_, content = given
    path = toml_file(map_, "map.toml")
    file = path.with_name("list")
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode("utf-8", "surrogatepass"))
    add_cohort(file, path, path.parent)
    return None


def manifest(given: Any) -> Lines:
    """Read any manifest, and write the index from it."""
    folder = room()
    (folder / "methods.en.html").write_text("<title>old</title>", encoding="utf-8")
    text = given if isinstance(given, bytes) else json.dumps({"reports": given}).encode("utf-8", "surrogatepass")
    (folder / "manifest.json").write_bytes(text)
    known = read_manifest(folder)
    due(read_catalogue(folders=[PLACE / "small"])[0][:3], known, datetime(2026, 1, 1, tzinfo=UTC))
    write_index(folder, known, page_names(folder))
    return None


def begun(given: tuple[str, str]) -> Lines:
    """Begin any incident for any operator; what was written can be read."""
    folder = small()
    before = len(read_registry((), folder).incidents)
    new_incident(given[0], folder, operator=given[1])
    assert len(format_folder(folder)) == 0
    assert (folder / "incidents.csv").read_text(encoding="utf-8").count("\n") >= before + 2
    return None


def prompt(given: list[str]) -> Lines:
    """Type anything after a command that makes no page; status 0 or 2, one line on standard error for the latter."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    given = [word.replace("\0", "") for word in given]  # no system lets a word with it through
    with contextlib.chdir(room()), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(given)
    lines = err.getvalue().splitlines()
    assert status in (0, 2), status
    assert status == 0 or len(lines) == 1, err.getvalue()
    return lines if status else None


def page(given: tuple[tuple[str, str], str]) -> Lines:
    """Put a text into a cell, and where the registry is right, make the dossier."""
    (table, column), text = given
    tables = {name: [{**row, column: text} if name == table else row for row in rows] for name, rows in TABLES.items()}
    folder = write_registry(room() / "ours", tables)
    if lines := told(check_folders([folder])):
        return lines
    registry = read_registry((), folder)
    found = Reader(
        html_of("incident-dossier", Study(registry, "authority", Words("fr"), focus=registry.incidents.index[0]))
    )
    assert "script" not in found.tags and not found.handlers
    assert all(load.startswith("data:") for load in found.loads)
    return None


WORDS = (
    st.sampled_from(["--data", "--dir", "--to", "--out", "--map", "--lang", "--seed", "-p", "--", "-", "x.csv", "."])
    | ANY
)
COMMANDS = st.sampled_from(["check", "format", "new", "audit", "import", "export", "cohort", "list", "nothing"]) | ANY
KEYS = ("notebook", "name", "parameters", "languages", "formats", "schedule")
GOOD = st.sampled_from([*("methods", "outage-length", "incident-dossier"), "*", "0 5 * * *", "0 0 31 2 *"])
REPORT = st.fixed_dictionaries({"notebook": GOOD | TEXT}, optional={key: GOOD | TREE for key in KEYS[1:]})
RIGHT = {
    **{
        "lang": ["en", "fr"],
        "policy": ["widest", "press"],
        "focus": ["", INCIDENT["incident_id"]],
        "countries": ["", "FR"],
    },
    **{"sectors": ["", "telecom"], "services": ["sms", "sms;mobile_voice"], "since": ["2020-03-01", ""], "until": [""]},
    **{"operator": ["", "Acme"], "min_users": [0, 1000, 0.5], "targets": [""], "data": [[], ()], "base": []},
    **{"peers": [1, 12], "limits": ["30;60", "5"], "incident": [INCIDENT["incident_id"]]},
}
GIVEN = {
    name: st.sampled_from([*right, *right, *right]) | ANY | VALUE if right else VALUE for name, right in RIGHT.items()
}
OF_STUDY = {name: given for name, given in GIVEN.items() if name not in ("peers", "limits", "incident")}
OF_INCIDENT = {name: GIVEN[name] for name in RIGHT if name in ("focus", "services", "countries", "peers", "limits")}
OF_INCIDENT |= {name: GIVEN[name] for name in ("lang", "policy", "data", "incident")}
HEADED = st.lists(st.tuples(TIME | TEXT, TEXT), max_size=4).flatmap(
    lambda rows: st.sampled_from(",;\t").map(
        lambda sign: "\n".join(["start" + sign + "name", *map(sign.join, rows)]).encode()
    )
)
GOOD_MAP = {
    "columns": {"onset": "start", "title": "name"},
    "constants": {"operator": "Acme", "country": "FR", "sector": "telecom", "services": "sms"},
    "times": {"zone": "Europe/Paris", "formats": ["%d/%m/%Y %H:%M"]},
}
PARTS = (*GOOD_MAP, "file", "source", "codes", "numbers", "keep", "drop", "notes", "unknown", "preset")
FIELDS = st.sampled_from(
    [
        *("zone", "formats", "longest_days", "encoding", "separator", "sheet", "records", "id", "onset", "restored"),
        *("number", "users_affected", "country", "decimal", "start", "name"),
    ]
)
MAP = (
    st.just(GOOD_MAP)
    | st.dictionaries(st.sampled_from(PARTS), TREE | st.dictionaries(FIELDS, TREE | FIELDS), max_size=2).map(
        lambda other: GOOD_MAP | other
    )
    | TREE.map(lambda tree: {"columns": tree})
)
NOTEBOOK = st.fixed_dictionaries(
    {},
    optional={
        "cells": TREE
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "source": TREE | st.sampled_from(["a: int = 1  # x", "a =\n", "(" * 300, "a = [\n1]", "\ta = 1"]),
                    "metadata": TREE | st.just({"tags": ["parameters"]}),
                    "cell_type": TREE,
                },
            )
        )
    },
)
GOOD_COHORT = {
    "cohort_id": "oci-status",
    "format": "csv",
    "columns": {"entry_id": "name", "onset": "start"},
    "constants": {"onset_basis": "field"},
}
COHORT = st.fixed_dictionaries(
    {"cohort_id": st.just("oci-status") | TREE, "format": st.sampled_from(["statuspage", "google", "csv"]) | TREE},
    optional={"timezone": TREE, "columns": TREE, "constants": TREE},
) | st.just(GOOD_COHORT)
OF_RECORD = ("incident_updates", "components", "resolved_at", "updates", "begin", "end", "uri", "affected_products")
RECORD = st.fixed_dictionaries({"id": TREE}, optional=dict.fromkeys(OF_RECORD, TREE | TIME))
DOORS = {
    "cells": Door(
        st.lists(st.tuples(st.sampled_from(CELLS), TEXT | TIME), min_size=MANY, max_size=MANY), cell, 16, MANY
    ),
    "times": Door(
        st.lists(TIME.map(lambda time: (time, time)) | st.tuples(TIME, TIME), min_size=MANY, max_size=MANY),
        time,
        5,
        MANY,
    ),
    "tables": Door(
        st.tuples(st.sampled_from([*TABLES, "codes"]), BYTES, st.integers(0), st.booleans()), table_file, 0.6
    ),
    "study": Door(st.fixed_dictionaries({}, optional=OF_STUDY), study, 3),
    "incident and peers": Door(st.fixed_dictionaries({}, optional=OF_INCIDENT), incident, 2),
    "notebooks": Door(NOTEBOOK | TREE | BYTES, notebook, 4),
    "names and parameters": Door(
        st.tuples(
            st.sampled_from(["outage-length", "incident-dossier", "decision-note", "methods"]) | ANY,
            st.lists(
                st.tuples(
                    st.sampled_from(["countries", "focus", "since", "min_users", "peers"]) | ANY,
                    st.sampled_from(["FR", "2020-01-01", "5"]) | ANY,
                ).map("=".join)
                | ANY,
                max_size=2,
            ),
            st.sampled_from(["en", "fr"]) | ANY,
        ),
        named,
        1.5,
    ),
    "catalogues": Door(
        BYTES
        | st.dictionaries(TEXT, TREE, max_size=2)
        | st.lists(REPORT, max_size=2).map(lambda found: {"report": found}),
        catalogue,
        3,
    ),
    "imports": Door(
        st.tuples(
            MAP | BYTES,
            BYTES | HEADED | TREE.map(lambda tree: json.dumps(tree).encode("utf-8", "surrogatepass")),
            st.sampled_from(PUBLIC),
        ),
        map_file,
        2,
    ),
    "exports": Door(
        st.tuples(
            st.sampled_from([*EXPORTED, "entries"]) | TEXT,
            st.tuples(ANY, st.sampled_from(PUBLIC)).map(lambda parts: "".join(parts).replace("/", "%") or "x"),
        ),
        exported,
        0.4,
    ),
    "cohorts": Door(
        st.tuples(COHORT | BYTES, TREE | HEADED | st.lists(RECORD, max_size=3).map(lambda found: {"incidents": found})),
        cohort_file,
        1,
    ),
    "manifests": Door(
        TREE
        | BYTES
        | st.dictionaries(
            st.just("methods.en.html"),
            st.dictionaries(st.sampled_from(["looked", "made", "status", "title", "parameters", "pdf", "name"]), TREE),
        ),
        manifest,
        2,
    ),
    "new": Door(st.tuples(TEXT | TIME.map(lambda time: f"{time[:10]}-acme-fr-x"), TEXT), begun, 0.5),
    "command lines": Door(
        st.tuples(COMMANDS, st.lists(WORDS, max_size=4)).map(lambda parts: [parts[0], *parts[1]]), prompt, 1
    ),
    "pages": Door(st.tuples(st.sampled_from([c for c in CELLS if c[0] in TABLES]), TEXT), page, 0.05),
}
