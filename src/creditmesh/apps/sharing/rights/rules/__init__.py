"""Rules of objections, credit repair and appeals: states, clocks, outcomes, conditions."""
