"""The demonstration: a real convention, its reported story, and clearly invented people and firms around it."""
