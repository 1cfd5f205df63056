"""Reads that join several tables: figures, lists of people, histories. They write nothing."""
