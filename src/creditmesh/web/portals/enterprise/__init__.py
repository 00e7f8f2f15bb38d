"""Pages of enterprises: registration, authorisations, who asked, own record, objections, report."""
