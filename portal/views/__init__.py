"""Doors of the roof: what one is told, reports, the organisation switch."""
