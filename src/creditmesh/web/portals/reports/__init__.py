"""Credit reports as pages and as PDF: one content, the same templates, the same pictures."""
