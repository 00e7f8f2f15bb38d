"""What lists, items and fields of a catalogue may not say."""
