"""PDF by typst, in a process of its own."""
