"""This node: its name, its data folder, its lake and its catalogue."""
