"""What is known of each outage? Claims become facts under a named policy, and facts stand beside one another."""

from outages.rooms import handed_on

_HOMES = {
    "policies": "POLICIES disagreements resolve",
    "timeline": "LAGS facts timed_lags",
    "limits": "DECIDED earlier_cell replay",
    "impact": "share_of_base top_share user_hours",
    "third_parties": "CAUSAL dependence in_causal_chain network parties redundancy with_and_without",
    "groups": "beside_published groupings root_causes unpooled",
    "peers": "compared distances ranked standings verdict",
    "advice": "asked_of_operators by_theme same_requests",
}
__getattr__, __all__ = handed_on(__name__, _HOMES)
