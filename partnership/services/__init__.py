"""Every write of the ground floor, one verb a function, by noun."""
