"""What does the comparative report say? One method a part of the page; notebooks call them in order."""

import importlib.metadata
import math
from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from outages import plots
from outages.dependence import INVOLVEMENTS, in_causal_chain, parties, share_with_third_party
from outages.evidence import Evidence, ends, lag_names
from outages.intervals import Interval, difference, quantile, rank
from outages.page import Block, Cell, bullets, figure, inside, paragraph, stack, table
from outages.study import Study, open_study
from outages.timeline import at_moment, not_negative

FEW = 20  # incidents: below this no quantile but the median is worth printing
LIBRARIES = ("pandas", "numpy", "matplotlib", "seaborn", "papermill", "nbconvert", "babel")


def open_report(**parameters) -> "Report":
    """Open the comparative report; parameters and errors as in `outages.study.open_study`."""
    return Report(open_study(**parameters))


class Report:
    """The comparative report of a study."""

    def __init__(self, study: Study):
        self.study, self.words, self.evidence = study, study.words, Evidence(study)
        self.titles, self.ids = study.titles, list(study.registry.incidents.index)

    # what the page says first

    def scope(self) -> Block:
        """Say which incidents are compared, under which policy, on which data."""
        _, n = self.words._, self.words.n
        registry = self.study.registry
        claims = sum(
            len(getattr(registry, t)) for t in ("events", "measures", "causes", "third_parties", "recommendations")
        )
        text = _("{incidents}, {claims} from {sources}; contradictions are resolved under the policy “{policy}”. Data version {version}.").format(
            incidents=n("{n} incident", "{n} incidents", self.study.n),
            claims=n("{n} claim", "{n} claims", claims),
            sources=n("{n} document", "{n} documents", len(used_sources(registry))),
            policy=self.study.policy, version=registry.version,
        )  # fmt: skip
        if self.study.left_out:
            text += " " + n(
                "{n} further incident of the registry is outside the filters or not coded.",
                "{n} further incidents of the registry are outside the filters or not coded.",
                self.study.left_out,
            )
        if self.study.overlays:
            text += " " + _(
                "Laid over the public registry: {names}. Rows from there carry the name in brackets."
            ).format(names=", ".join(self.study.overlays))
        return stack(paragraph(text, "scope"))

    def summary(self) -> Block:
        """Answer the four questions in a sentence each, and say where the incident in focus stands."""
        sentences = [self.length_headline(), self.users_headline(), self.lag_headline(), self.party_headline()]
        focus = [bullets(self.standing(), "focus")] if self.study.focus else []
        return stack(bullets(sentences, "headlines"), *focus)

    def few_note(self) -> Block:
        """Say what so few incidents cannot say."""
        _, n = self.words._, self.study.n
        how = self.study.registry.incidents["found_by"].value_counts()
        came = self.words.listed(
            [f"{self.words.label('found_by', code)} ({self.words.number(count)})" for code, count in how.items()]
        )
        text = _(
            "How the incidents came in: {came}. They were not drawn at random, so no figure here is an estimate for outages at large."
        ).format(came=came)
        if n < FEW:
            text += " " + _(
                "With n = {n}, a median is the value of one incident or lies between two, and one more incident can move it anywhere; read the rows, not the median."
            ).format(n=self.words.number(n))
        return stack(paragraph(text, "caution"))

    # outage length

    def length_headline(self) -> Markup:
        """Say how long the outages lasted."""
        _, known = self.words._, self.evidence.lengths.dropna(subset=["low", "high"])
        if known.empty:
            return Markup(_("Outage length: known for none of {n} incidents.")).format(
                n=self.words.number(self.study.n)
            )
        shortest, longest = known["high"].idxmin(), known["low"].idxmax()
        form = _(
            "Outage length, known for {k} of {n}: from {short} ({short_title}) to {long} ({long_title}); the median lies at {median}."
        )
        return Markup(form).format(
            k=self.words.number(len(known)), n=self.words.number(self.study.n), short=self.length_cell(shortest), long=self.length_cell(longest),
            short_title=self.titles[shortest], long_title=self.titles[longest], median=self.median(known, "t-length"),
        )  # fmt: skip

    def length_cell(self, incident: str) -> Cell:
        """Return a length, linked to the sum behind it."""
        return self.evidence.sum_cell(incident, "length", self.evidence.lengths, "minutes")

    def median(self, known: pd.DataFrame, key: str, how: str = "minutes") -> Markup:
        """Return the median of intervals, linked to the table it is taken from."""
        return inside(self.words.interval(quantile(known, 0.5), how), key)

    def length_figure(self) -> Block:
        """Draw how long each outage lasted."""
        _, lengths = self.words._, self.evidence.lengths
        partial = self.offset("partial_restoration")
        rows = pd.DataFrame({
            "title": self.titles, "low": lengths["low"], "high": lengths["high"], "focus": [i == self.study.focus for i in self.ids],
            "partial_low": partial["low"], "partial_high": partial["high"],
            "label": [self.words.interval(ends(lengths, i), "minutes") for i in self.ids],
        }).sort_values("high", kind="stable", ascending=False)  # fmt: skip
        known = int(lengths["low"].notna().sum())
        title = (
            _("Lengths differ by a factor of {factor}").format(factor=self.factor(lengths))
            if known > 1
            else _("Outage length")
        )
        alt = _("Horizontal bars of outage length on a logarithmic axis. {rows}.").format(
            rows=_("; ").join(f"{r.title}: {r.label}" for r in rows.itertuples())
        )
        caption = _(
            "Each bar runs from the shortest to the longest length that the sources allow; a dot is a length known to the minute. n = {k} of {n}. Data version {version}."
        )
        return stack(
            figure(
                plots.svg(plots.length_bars(rows, self.words)),
                title=title,
                alt=alt,
                caption=self.with_n(caption, known),
                key="f-length",
            )
        )

    def factor(self, frame: pd.DataFrame) -> str:
        """Say how many times the largest value is of the smallest, as an interval."""
        known = frame.dropna(subset=["low", "high"])
        big, small = known.loc[known["low"].idxmax()], known.loc[known["high"].idxmin()]
        low = big["low"] / small["high"]
        high = big["high"] / small["low"] if small["low"] > 0 else math.inf
        return self.words.interval(
            Interval(math.floor(low), math.ceil(high) if math.isfinite(high) else high), "number"
        )

    def length_table(self) -> Block:
        """Tabulate onset, restoration and length."""
        _, e = self.words._, self.evidence
        basis = {
            "moments": _("onset and restoration"),
            "stated": _("length that sources state"),
            "both": _("both, in agreement"),
            "conflict": _("both, in conflict"),
            "": "–",
        }
        rows = [
            [
                self.row_name(i),
                e.moment_cell(i, "onset"),
                e.moment_cell(i, "partial_restoration"),
                e.moment_cell(i, "restored"),
                self.length_cell(i),
                basis[e.lengths.at[i, "basis"]],
            ]
            for i in self.ids
        ]
        head = [
            _("Incident"),
            _("Onset"),
            _("First service back"),
            _("Last service back"),
            _("Length"),
            _("Follows from"),
        ]
        return stack(
            table(
                self.with_n(_("Outage length (n = {k} of {n})"), int(e.lengths["low"].notna().sum())),
                head,
                rows,
                key="t-length",
            )
        )

    # affected users

    def users_headline(self) -> Markup:
        """Say how many people were hit."""
        _, e = self.words._, self.evidence
        known, hours = e.users.dropna(), e.user_hours.dropna()
        calls = e.failed_calls.dropna()
        parts = [
            Markup(_("People affected, known for {k} of {n}")).format(
                k=self.words.number(len(known)), n=self.words.number(self.study.n)
            )
        ]
        if len(known):
            most = known["low"].idxmax()
            form = _("most at {title} ({users})")
            parts.append(
                Markup(form).format(title=self.titles[most], users=e.claim_cell(most, "users_affected", e.users))
            )
        if len(hours):
            most = hours["low"].idxmax()
            form = _("user-hours can be bounded for {k} of {n}, most at {title} ({value})")
            parts.append(Markup(form).format(k=self.words.number(len(hours)), n=self.words.number(self.study.n), title=self.titles[most],
                                             value=e.sum_cell(most, "user_hours", e.user_hours, "rounded")))  # fmt: skip
        if len(calls):
            most = calls["low"].idxmax()
            form = _("failed emergency calls are counted for {k} of {n}, most at {title} ({value})")
            parts.append(Markup(form).format(k=self.words.number(len(calls)), n=self.words.number(self.study.n), title=self.titles[most],
                                             value=e.claim_cell(most, "emergency_calls_failed", e.failed_calls)))  # fmt: skip
        return self.words.clauses(parts) + "."

    def users_figure(self) -> Block:
        """Draw incidents in the plane of length and users."""
        _, e = self.words._, self.evidence
        rows = e.lengths[["low", "high"]].assign(
            title=self.titles,
            users_low=e.users["low"],
            users_high=e.users["high"],
            focus=[i == self.study.focus for i in self.ids],
        )
        known = rows.dropna(subset=["low", "high", "users_low", "users_high"])
        if known.empty:
            return stack(
                paragraph(
                    _("No incident has both a length and a number of people affected, so no figure is drawn."),
                    "dropped",
                )
            )
        most = (known["low"] * known["users_low"]).idxmax()
        title = _("Most user-hours: {title}").format(title=self.titles[most])
        alt = _(
            "Plane of outage length and people affected, both logarithmic, with lines of equal user-hours. {rows}."
        ).format(
            rows=_("; ").join(
                f"{r.title}: {self.words.interval(Interval(r.low, r.high), 'minutes')}, {self.words.interval(Interval(r.users_low, r.users_high), 'number')}"
                for r in known.itertuples()
            )
        )
        caption = _(
            "Each box spans what the sources allow; an open end runs to the edge. Lines join equal user-hours. n = {k} of {n}: for the others length or users are unknown. Data version {version}."
        )
        return stack(
            figure(
                plots.svg(plots.harm_plane(rows, self.words)),
                title=title,
                alt=alt,
                caption=self.with_n(caption, len(known)),
                key="f-users",
            )
        )

    def users_table(self) -> Block:
        """Tabulate who was hit."""
        _, e = self.words._, self.evidence
        rows = [
            [self.row_name(i), e.claim_cell(i, "users_affected", e.users), e.claim_cell(i, "subscriber_base", e.base), e.sum_cell(i, "user_hours", e.user_hours, "rounded"),
             e.claim_cell(i, "emergency_calls_failed", e.failed_calls), e.claim_cell(i, "deaths_linked", e.deaths)]
            for i in self.ids
        ]  # fmt: skip
        head = [
            _("Incident"),
            _("People affected"),
            _("Subscriber base"),
            _("User-hours"),
            _("Emergency calls failed"),
            _("Deaths that a source links"),
        ]
        caption = self.with_n(
            _(
                "Affected users (people known for {k} of {n}); deaths are linked by a source, not proved: the claims say with what standing"
            ),
            len(e.users.dropna()),
        )
        return stack(table(caption, head, rows, key="t-users"))

    # detection and communication

    def lag_headline(self) -> Markup:
        """Say how late detection and the first public word came."""
        _, e = self.words._, self.evidence
        seen, told, gap = (e.lags[name].dropna() for name in ("to_detection", "to_public", "detection_to_public"))
        silence = e.silence.dropna()
        say = [
            self.lag_phrase(_("detection by the operator"), seen),
            self.lag_phrase(_("first public word"), told),
            self.lag_phrase(_("from detection to first public word"), gap),
        ]
        text = Markup(_("Detection and communication after onset: {parts}")).format(parts=self.words.clauses(say))
        if len(silence):
            form = (
                _("; the silence share, known for {k} of {n}, is {median}")
                if len(silence) == 1
                else _("; the median silence share, known for {k} of {n}, is {median}")
            )
            text += Markup(form).format(
                k=self.words.number(len(silence)),
                n=self.words.number(self.study.n),
                median=self.median(silence, "t-lags", "percent"),
            )
        return text + "."

    def lag_phrase(self, name: str, known: pd.DataFrame) -> Markup:
        """Say the median of one lag with its n."""
        _, count = self.words._, {"k": self.words.number(len(known)), "n": self.words.number(self.study.n)}
        form = {0: _("{name} unknown for all {n}"), 1: _("{name} {median} (known for {k} of {n})")}.get(
            len(known), _("{name} {median} (median of {k}; n = {n})")
        )
        return Markup(form).format(name=name, median=self.median(known, "t-lags"), **count)

    def offset(self, moment: str) -> pd.DataFrame:
        """Return the distance of a moment from onset, in minutes."""
        index, moments = self.study.registry.incidents.index, self.evidence.moments
        return not_negative(difference(at_moment(moments, moment, index), at_moment(moments, "onset", index)))

    def lag_figure(self) -> Block:
        """Draw all incidents aligned at their onset."""
        _, names = self.words._, plots.moment_names(self.words)
        marks = (
            pd.concat([self.offset(m).dropna().assign(moment=m) for m in plots.MARKS])
            .rename_axis("incident_id")
            .reset_index()
        )
        rows = pd.DataFrame(
            {"title": self.titles, "focus": [i == self.study.focus for i in self.ids]}, index=pd.Index(self.ids)
        )
        if marks.empty:
            return stack(paragraph(_("No incident has an onset and a later moment, so no figure is drawn."), "dropped"))
        told = self.evidence.lags["to_public"].dropna()
        known = len(set(marks["incident_id"]))
        title = (_("First public word: {value} after onset").format(value=self.words.interval(Interval(told["low"].min(), told["high"].max()), "minutes"))
                 if len(told) else _("No first public word is on record"))  # fmt: skip
        said = _("; ").join(
            f"{self.titles[i]}: "
            + ", ".join(
                f"{names[r.moment]} {self.words.interval(Interval(r.low, r.high), 'minutes')}"
                for r in part.itertuples()
            )
            for i, part in marks.groupby("incident_id")
        )
        alt = _("Time axis for each incident, aligned at onset. {rows}.").format(rows=said)
        caption = _(
            "Each mark is a moment, each bar the interval that the sources allow. A moment that no source gives is not drawn. n = {k} of {n}. Data version {version}."
        )
        return stack(
            figure(
                plots.svg(plots.aligned_timeline(rows, marks, self.words)),
                title=title,
                alt=alt,
                caption=self.with_n(caption, known),
                key="f-lags",
            )
        )

    def lag_table(self) -> Block:
        """Tabulate every lag."""
        _, e = self.words._, self.evidence
        frames = {**{name: (lag, "minutes") for name, lag in e.lags.items()}, "silence": (e.silence, "percent")}
        names = lag_names(self.study) | {"silence": _("silence share")}
        rows: list[list[Cell]] = [
            [self.row_name(i), *[e.sum_cell(i, name, lag, how) for name, (lag, how) in frames.items()]]
            for i in self.ids
        ]
        rows.append([_("Median"), *[self.words.interval(quantile(lag, 0.5), how) for lag, how in frames.values()]])
        rows.append([_("Known for"), *[self.of_n(lag) for lag, _how in frames.values()]])
        caption = _("Lags of each incident (n = {n}), their medians, and for how many each is known").format(
            n=self.words.number(self.study.n)
        )
        return stack(table(caption, [_("Incident"), *[names[name] for name in frames]], rows, key="t-lags"))

    def of_n(self, frame: pd.DataFrame) -> str:
        """Say for how many incidents a value is known."""
        return self.words._("{k} of {n}").format(
            k=self.words.number(len(frame.dropna())), n=self.words.number(self.study.n)
        )

    # third parties

    def party_headline(self) -> Markup:
        """Say how often a third party stood in the causal chain."""
        _, chain = self.words._, in_causal_chain(self.study.registry)
        share = share_with_third_party(self.study.registry)
        form = _(
            "Third parties: in {k} of {n} incidents a source places another organisation in the causal chain ({which}); since the others name none, the share lies between {low} and {high}."
        )
        if chain.all():
            form = _(
                "Third parties: in all {n} incidents a source places another organisation in the causal chain ({which})."
            )
        named = parties(self.study.registry)
        named = named[named["involvement"].isin(INVOLVEMENTS[:3])]
        which = Markup(", ").join(inside(self.words.party(p), "t-parties") for p in most_named(named))
        low, high = (self.words.percent(v) for v in (share.low, share.high)) if share else ("", "")
        return Markup(form).format(
            k=self.words.number(int(chain.sum())), n=self.words.number(self.study.n), which=which, low=low, high=high
        )

    def party_figure(self) -> Block:
        """Draw which organisation had which part in which incident."""
        _, named = self.words._, parties(self.study.registry)
        if named.empty:
            return stack(paragraph(_("No source names a third party, so no figure is drawn."), "dropped"))
        titles = self.titles[[i for i in self.ids if i in set(named["incident_id"])]]
        chain = int(in_causal_chain(self.study.registry).sum())
        title = _("{k} of {n} incidents name a third party in the causal chain").format(
            k=self.words.number(chain), n=self.words.number(self.study.n)
        )
        said = _("; ").join(
            f"{self.titles[i]}: "
            + ", ".join(
                f"{self.words.party(r.party)} ({self.words.label('involvement', r.involvement)})"
                for r in part.itertuples()
            )
            for i, part in named.groupby("incident_id")
        )
        alt = _("Grid of organisations and incidents with a letter for the part that each had. {rows}.").format(
            rows=said
        )
        caption = _(
            "A letter is a claim by at least one source; an empty cell means that no source says anything. n = {k} of {n} incidents with a named third party. Data version {version}."
        )
        return stack(
            figure(
                plots.svg(plots.party_matrix(named, titles, self.words)),
                title=title,
                alt=alt,
                caption=self.with_n(caption, len(titles)),
                key="f-parties",
            )
        )

    def party_table(self) -> Block:
        """Tabulate the third parties."""
        _, named = self.words._, parties(self.study.registry)
        rows = [
            [self.words.party(r.party), self.incident_link(r.incident_id), self.words.label("role", r.role), self.words.label("involvement", r.involvement),
             inside(self.words.number(r.claims), "c", r.incident_id, "third_parties")]
            for r in named.sort_values(["party", "incident_id", "involvement"]).itertuples()
        ]  # fmt: skip
        head = [_("Organisation"), _("Incident"), _("Role"), _("Part in the incident"), _("Claims")]
        caption = self.with_n(_("Third parties (named in {k} of {n} incidents)"), named["incident_id"].nunique())
        return (
            stack(table(caption, head, rows, key="t-parties"))
            if rows
            else stack(paragraph(_("No source names a third party.")))
        )

    # trust

    def completeness(self) -> Block:
        """Tabulate for how many incidents each field is known."""
        _, e = self.words._, self.evidence
        names, registry = plots.moment_names(self.words), self.study.registry
        moments = e.moments.reset_index()
        known = [(names[m], set(moments.loc[moments["moment"] == m, "incident_id"])) for m in names]
        known += [
            (
                self.words.label("measure", m),
                set(registry.measures.loc[registry.measures["measure"] == m, "incident_id"]),
            )
            for m in ("users_affected", "subscriber_base", "emergency_calls_failed")
        ]
        known += [
            (self.words.label("factor", f), set(registry.causes.loc[registry.causes["factor"] == f, "incident_id"]))
            for f in ("root_cause", "redundancy_defeated")
        ]
        known += [(_("third parties"), set(registry.third_parties["incident_id"]))]
        rows = [
            [name, _("{k} of {n}").format(k=self.words.number(len(have)), n=self.words.number(self.study.n)),
             _("none") if len(have) == self.study.n else self.words.listed([self.titles[i] for i in self.ids if i not in have]) if self.study.n < FEW else "–"]
            for name, have in known
        ]  # fmt: skip
        caption = _("What is known, and where nothing was found (n = {n})").format(n=self.words.number(self.study.n))
        return stack(table(caption, [_("Field"), _("Known for"), _("Unknown for")], rows, key="t-completeness"))

    def contradictions(self) -> Block:
        """Tabulate where sources disagree."""
        return self.evidence.contradiction_table()

    def standing(self) -> list[Markup]:
        """Say where the incident in focus stands among the others."""
        _, e, focus = self.words._, self.evidence, self.study.focus
        said = []
        for name, frame in ((_("length"), e.lengths[["low", "high"]]), (_("first public word"), e.lags["to_public"])):
            known = frame.dropna()
            if focus not in known.index:
                said.append(
                    Markup(_("{title}, {name}: unknown, so it has no rank.")).format(
                        title=self.titles[focus], name=name
                    )
                )
                continue
            place = rank(known, focus)
            form = _("{title}, {name}: {value}, rank {place} of {k}, counted from the shortest.")
            said.append(Markup(form).format(title=self.titles[focus], name=name, place=self.words.interval(place, "number"), k=self.words.number(len(known)),
                                            value=self.words.interval(ends(frame, focus), "minutes")))  # fmt: skip
        return said

    # evidence

    def claims(self) -> Block:
        """Show every claim of every incident, with the sums made of them."""
        return stack(*[self.evidence.claims_of(i) for i in self.ids])

    def sources(self) -> Block:
        """List the documents."""
        return self.evidence.source_list()

    def colophon(self) -> Block:
        """Say with what the report was made."""
        return colophon(self.study)

    # helpers

    def row_name(self, incident: str) -> Markup:
        """Return the title of an incident for the head of a row, with its origin when it is not public."""
        origin = self.study.registry.incidents.at[incident, "_origin"]
        return self.incident_link(incident) + ("" if origin == "public" else f" [{origin}]")

    def incident_link(self, incident: str) -> Markup:
        """Return the title of an incident, linked to its claims."""
        return inside(self.titles[incident], "i", incident)

    def with_n(self, text: str, known: int) -> str:
        """Fill in k, n and the data version."""
        return text.format(
            k=self.words.number(known), n=self.words.number(self.study.n), version=self.study.registry.version
        )


def most_named(named: pd.DataFrame) -> list[str]:
    """Return up to six organisations, those of most incidents first."""
    count = named.groupby("party")["incident_id"].nunique().rename("count").reset_index()
    return count.sort_values(["count", "party"], ascending=[False, True])["party"].head(6).tolist()


def used_sources(registry) -> set[str]:
    """Return the documents that claims about incidents rest on."""
    return set(
        pd.concat(
            [
                getattr(registry, t)["source_id"]
                for t in ("events", "measures", "causes", "third_parties", "recommendations")
            ]
        )
    )


def colophon(study: Study) -> Block:
    """Say under which policy, with which parameters, data and libraries a page was made."""
    _ = study.words._
    given = [f"{name} = {value}" for name, value in study.parameters.items() if value] + [f"lang = {study.words.lang}"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES]
    rows: Sequence[Sequence[Cell]] = [
        [_("Policy"), policy_text(study)],
        [_("Parameters"), _("; ").join(given)],
        [_("Data version"), study.registry.version],
        [_("Overlays"), ", ".join(study.overlays) or _("none")],
        [_("Libraries"), ", ".join(versions)],
    ]
    return stack(table(_("How this page was made"), [_("What"), _("Value")], rows, key="t-colophon"))


def policy_text(study: Study) -> str:
    """Describe a policy in words."""
    _ = study.words._
    order = _(
        "regulators, courts, parliaments and governments, then operators, academics, press, encyclopedias; claims of the same rank that differ give an interval that holds them all"
    )
    return {
        "authority": _("authority: {order}").format(order=order),
        "operator": _("operator: the operator's own account first, then {order}").format(order=order),
        "press": _("press: press first, then {order}").format(order=order),
        "earliest": _("earliest: of several claims the lowest"),
        "latest": _("latest: of several claims the highest"),
        "widest": _("widest: the interval that holds all claims"),
    }[study.policy]
