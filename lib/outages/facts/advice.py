"""What was asked of operators after an outage, how often, and what of it can be counted?"""

import re
from collections.abc import Collection

import pandas as pd

from outages.facts.policies import voices

OPERATORS = re.compile(r"\b(?:operators?|providers?|carriers?|companies|industry)\b", re.IGNORECASE)
AUTHORITIES = re.compile(
    r"\b(?:state|government|parliament|commission|authority|authorities|department|ministry)\b", re.IGNORECASE
)
LONG = 120  # characters: of requests up to so many, the longer says more
ALIKE, SHARED = 0.4, 3  # share and number of common words from which on two requests are one
STEM = 6  # letters: words that begin alike are one
COMMON = frozenset("joint report proposes recommendation should that with from their this which have been".split())
NOT_CHANGES = ("regulation", "compensation", "information_sharing")  # that ask no operator to work otherwise


def asked_of_operators(advice: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Return the requests that operators can act on, each once.

    Parameters
    ----------
    advice : `recommendations` of a registry
    names : operators as the registry writes them

    Returns
    -------
    The rows whose addressee is an operator or operators in general, without those about rules, damages and studies.
    `announced` says whether the operator's own document says so. The same request in several documents stands once,
    with the number in it if any has one, and how many `documents` make it.
    """
    rows = advice[(advice["retracted_by"] == "") & ~advice["theme"].isin(NOT_CHANGES)]
    known = tuple({part.strip().lower() for name in names for part in name.split(";")})
    to = rows["addressee"].astype(str)
    own = [any(is_one_of(part.strip().lower(), known) for part in re.split(r";|, | and ", cell)) for cell in to]
    general = to.str.contains(OPERATORS) & ~to.str.contains(AUTHORITIES)
    rows = rows[pd.Series(own, rows.index, dtype=bool) | general]
    voice = voices(rows)
    rows = rows.assign(
        announced=voice == "operator",
        voice=voice,
        has_number=rows["target_value"] != "",
        said=rows["text_en"].astype(str).str.casefold().str.replace(r"\W+", " ", regex=True).str.strip(),
    )
    same = ["incident_id", "theme", "said"]
    documents = rows.groupby(same, observed=True)["source_id"].transform("nunique")
    rows = rows.assign(documents=documents, size=rows["text_en"].str.len().clip(upper=LONG))
    rows = rows.sort_values(["has_number", "documents", "announced", "size"], ascending=False, kind="stable")
    return rows[~rows.duplicated(same)].drop(columns=["said", "size"])


def same_requests(advice: pd.DataFrame) -> pd.Series:
    """Return for each request the row of the first that asks the same of the same: requests of two documents, on one
    theme, with the same number or nearly the same words.

    Parameters
    ----------
    advice : `recommendations` of one incident, as in a registry
    """
    words = [stems(str(text)) for text in advice["text_en"]]
    rows, first, documents = advice.to_dict("records"), list(range(len(advice))), dict[int, set[str]]()
    for at, row in enumerate(rows):
        for one, seen in documents.items():
            other = rows[one]
            same = all(row[key] == other[key] for key in ("theme", "addressee")) and row["source_id"] not in seen
            number = row["target_value"] != "" and all(row[k] == other[k] for k in ("target_value", "target_unit"))
            if same and (number or alike(words[at], words[one])):
                first[at] = one
                seen.add(row["source_id"])
                break
        else:
            documents[at] = {row["source_id"]}
    return pd.Series(advice.index[first], index=advice.index)


def stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words that tell what a request is about."""
    return frozenset(word[:STEM] for word in re.findall(r"\w{4,}", text.casefold()) if word not in COMMON)


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two texts have so many words in common that they ask for the same."""
    shared = len(one & other)
    return one == other or (shared >= SHARED and shared / len(one | other) >= ALIKE)


def is_one_of(name: str, known: Collection[str]) -> bool:
    """Return whether a name is that of an operator, or its beginning, or begins with it: `FairPoint` is `FairPoint
    Communications`.
    """
    return any(name == one or name.startswith(f"{one} ") or one.startswith(f"{name} ") for one in known)


def by_theme(asked: pd.DataFrame) -> pd.DataFrame:
    """Return one row a theme, the most frequent first: in how many `incidents` it was asked for, in how many it was
    `announced`, how many requests have a number.
    """
    groups = asked.groupby("theme", observed=True)
    found = pd.DataFrame(
        {
            "incidents": groups["incident_id"].nunique(),
            "announced": asked[asked["announced"]].groupby("theme", observed=True)["incident_id"].nunique(),
            "numbers": groups["has_number"].sum(),
        }
    )
    return found.fillna(0).astype(int).sort_values(["incidents", "numbers"], ascending=False, kind="stable")
