"""What a page about the people hit says of what it leaves out, and how it counts."""

from parts import study, text_of

import outages as ou
from outages.facts.timeline import COUNTS
from outages.report import findings, users


def test_the_heaviest_say_how_many_are_left_out_and_the_largest_by_what():
    """Outages of known people and unknown length are counted; the largest is one that no other surely exceeds."""
    own = study()
    page, facts = ou.page(own), own.facts
    people, lengths = (set(facts.index[facts[name, "low"].notna()]) for name in ("users_affected", "length"))
    said = text_of(users.heaviest(page, facts).html)
    assert f"though people are counted: {len(people - lengths)}." in said and people - lengths
    assert "by the lower end" in text_of(findings.users(page, facts))


def test_each_figure_stands_with_whose_word_it_is_and_none_is_a_death_of_nobody():
    """The speaker stands, not the press that quotes; what was withdrawn says so; claims of 0 are not counted."""
    own = study()
    rows = own.registry.measures
    text = text_of(users.calls_and_deaths(ou.page(own), rows).html)
    dead = rows[(rows["measure"] == "deaths_linked") & (rows["high"] > 0)]["incident_id"].nunique()
    assert f"links (n = {dead} incidents)" in text and "government, withdrawn since" in text
    assert "a member of parliament" in text


def test_there_is_no_half_of_a_person_or_a_call():
    """Counts are whole at both ends, in the facts and in the table."""
    own = study()
    for name in (*COUNTS, "subscriber_base"):
        ends = own.facts[name][["low", "high"]].stack()
        assert (ends[ends < float("inf")] % 1 == 0).all(), name
    table = text_of(users.table(ou.page(own), own.facts).html)
    fairpoint = table[table.index("FairPoint: 911 and landlines in Vermont, November 2014") :][:300]
    assert "44 to 97" in fairpoint
