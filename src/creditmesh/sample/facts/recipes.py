"""Which function tells of which item of the catalogue."""

from collections.abc import Mapping
from types import MappingProxyType

from creditmesh.sample.facts import assets, courts, payments, penalties, permits, registration, tax, voices
from creditmesh.sample.facts.fact import Recipe

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "ENT-01": registration.entries,
        "ENT-02": registration.shareholders,
        "ENT-03": registration.changes,
        "ENT-04": registration.annual_reports,
        "ENT-05": registration.operating_data,
        "ENT-06": registration.abnormal_listings,
        "ENT-07": registration.pledges,
        "PER-01": registration.officers,
        "QUA-01": permits.licences,
        "QUA-02": permits.certificates,
        "PEN-01": penalties.penalties,
        "PEN-02": penalties.inspections,
        "COE-01": penalties.compulsion,
        "REC-01": penalties.orders,
        "BLK-01": penalties.serious_lists,
        "JUD-01": courts.judgments,
        "JUD-02": courts.enforcement,
        "JUD-03": courts.dishonest,
        "JUD-04": courts.bankruptcies,
        "TAX-01": tax.grades,
        "TAX-02": tax.payments,
        "TAX-03": tax.arrears,
        "TAX-04": tax.major_cases,
        "TAX-05": tax.invoices,
        "SOC-01": payments.insurance,
        "SOC-02": payments.insurance_arrears,
        "HPF-01": payments.housing_fund,
        "CUS-01": payments.customs_filings,
        "CUS-02": payments.cross_border_trade,
        "UTL-01": payments.utility("water"),
        "UTL-02": payments.utility("power"),
        "UTL-03": payments.utility("gas"),
        "GUA-01": payments.guarantees,
        "EST-01": assets.real_estate,
        "EST-02": assets.encumbrances,
        "IPR-01": assets.inventions,
        "IPR-02": assets.invention_pledges,
        "RND-01": permits.technology,
        "RND-02": assets.research,
        "ENV-01": permits.environment,
        "AGR-01": assets.farms,
        "HON-01": permits.honours,
        "POL-01": permits.support,
        "CMP-01": voices.complaints,
        "SAM-01": voices.samples,
        "RCL-01": voices.recalls,
        "ACC-01": voices.accidents,
        "WAG-01": voices.wages,
        "OPI-01": voices.opinions,
    }
)
