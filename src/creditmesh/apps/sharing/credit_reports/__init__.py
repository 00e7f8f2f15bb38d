"""The public credit evaluation inside a report with a serial number."""
