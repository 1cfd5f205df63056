"""Doors of the partnership's pages: parse, call one service, show."""
