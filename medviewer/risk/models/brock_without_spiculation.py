"""The full Brock model without spiculation, coefficients as published (McWilliams 2013)."""

from medviewer.i18n import N_
from medviewer.risk import brock
from medviewer.risk.model import RiskModel

MODEL = RiskModel(
    id="brock_without_spiculation",
    title=N_("Brock model without spiculation"),
    fields=brock.FIELDS,
    reference=brock.REFERENCE,
    population=brock.POPULATION,
    validation=brock.VALIDATION,
    solve=brock.solver(
        brock.Coefficients(
            constant=-6.8071,
            age=0.0321,
            female=0.5635,
            family_history=0.3013,
            emphysema=0.3462,
            size=-5.6693,
            part_solid=0.3395,
            non_solid=-0.3055,
            upper_lobe=0.7116,
            count=-0.0803,
        )
    ),
    limits=brock.limits,
)
