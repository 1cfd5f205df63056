"""The partners' API."""
