"""What the scorecard may look at, in words, and what is settled about it beforehand.

The corrected code table of the data is Grömping's (see README.md beside this file).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["number", "ordered", "unordered"]
Direction = Literal["rising", "falling"]


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """One input of the scorecard.

    `values` are the categories (worst first where ordered) or bands with their words; `edges` are
    where a number's bins may begin. `chance` is how the chance of a good end has to go as the value
    rises: bins that say otherwise are pooled, so that no reason given to a person runs against
    common sense. `alike` are categories that must never be told apart.
    """

    name: str
    label: str
    kind: Kind
    values: Mapping[str, str] = field(default_factory=dict)
    edges: tuple[float, ...] = ()
    chance: Direction = "rising"
    alike: tuple[str, ...] = ()
    unit: str = ""


FEATURES = (
    FeatureSpec(
        name="checking_account",
        label="Checking account",
        kind="ordered",
        values={
            "none": "none",
            "below_0": "below 0",
            "0_to_200": "0 to 200",
            "200_or_more": "200 or more",
        },
    ),
    FeatureSpec(
        name="duration_months",
        label="Duration",
        kind="number",
        edges=(12, 18, 24, 36, 48),
        chance="falling",
        unit="months",
    ),
    FeatureSpec(
        name="credit_history",
        label="Credit history",
        kind="ordered",
        values={
            "delayed": "with payments delayed",
            "critical": "critical, or credits elsewhere",
            "none_taken": "none, or all paid back",
            "paid_till_now": "existing credits paid till now",
            "all_paid_here": "all credits here paid back",
        },
    ),
    FeatureSpec(
        name="purpose",
        label="Purpose",
        kind="unordered",
        values={
            "car_new": "new car",
            "car_used": "used car",
            "furniture": "furniture",
            "television": "television",
            "appliances": "appliances",
            "repairs": "repairs",
            "education": "education",
            "retraining": "retraining",
            "business": "business",
            "other": "other",
        },
    ),
    FeatureSpec(
        name="amount",
        label="Amount",
        kind="number",
        edges=(1000, 2000, 4000, 6000, 8000, 10000),
        chance="falling",
    ),
    FeatureSpec(
        name="savings",
        label="Savings",
        kind="ordered",
        values={
            "unknown": "unknown or none",
            "below_100": "below 100",
            "100_to_500": "100 to 500",
            "500_to_1000": "500 to 1,000",
            "1000_or_more": "1,000 or more",
        },
    ),
    FeatureSpec(
        name="employed_since",
        label="Employment",
        kind="ordered",
        values={
            "unemployed": "none at present",
            "below_1_year": "below 1 year",
            "1_to_4_years": "1 to 4 years",
            "4_to_7_years": "4 to 7 years",
            "7_years_or_more": "7 years or more",
        },
    ),
    FeatureSpec(
        name="instalment_percent",
        label="Instalment",
        kind="number",
        values={
            "1": "35 % of income or more",
            "2": "25 to 35 % of income",
            "3": "20 to 25 % of income",
            "4": "below 20 % of income",
        },
        edges=(2, 3, 4),
    ),
    FeatureSpec(
        name="guarantors",
        label="Guarantors",
        kind="unordered",
        values={"none": "none", "co_applicant": "co-applicant", "guarantor": "guarantor"},
    ),
    FeatureSpec(
        name="property",
        label="Property",
        kind="ordered",
        values={
            "unknown": "unknown or none",
            "car_or_other": "car or other",
            "savings_or_insurance": "savings agreement or life insurance",
            "real_estate": "real estate",
        },
    ),
    FeatureSpec(
        name="other_plans",
        label="Other instalment plans",
        kind="unordered",
        values={"bank": "at a bank", "stores": "at stores", "none": "none"},
    ),
    FeatureSpec(
        name="housing",
        label="Housing",
        kind="ordered",
        values={"free": "free of rent", "rent": "rented", "own": "owned"},
    ),
    FeatureSpec(
        name="existing_credits",
        label="Credits at this bank",
        kind="number",
        edges=(2,),
    ),
    FeatureSpec(
        name="job",
        label="Job",
        kind="unordered",
        values={
            "unskilled_non_resident": "unskilled, non-resident",
            "unskilled": "unskilled",
            "skilled": "skilled",
            "management": "management or highly qualified",
        },
        alike=("unskilled_non_resident", "unskilled"),
    ),
)
