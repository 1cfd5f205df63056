"""The messages of the partnership, one class each, by noun."""
