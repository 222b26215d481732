"""The full Brock model with spiculation, coefficients as published (McWilliams 2013)."""

from medviewer.core import fields
from medviewer.i18n import N_
from medviewer.risk import brock
from medviewer.risk.model import RiskModel

MODEL = RiskModel(
    id="brock_full",
    title=N_("Brock model with spiculation"),
    fields=(*brock.FIELDS, fields.SPICULATION),
    reference=brock.REFERENCE,
    population=brock.POPULATION,
    validation=brock.VALIDATION,
    solve=brock.solver(
        brock.Coefficients(
            constant=-6.78917,
            age=0.0286687,
            female=0.6010727,
            family_history=0.296109,
            emphysema=0.2953112,
            size=-5.385484,
            part_solid=0.3769578,
            non_solid=-0.1276173,
            upper_lobe=0.6581383,
            count=-0.0824156,
            spiculation=0.7729335,
        )
    ),
    limits=brock.limits,
)
