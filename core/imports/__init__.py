"""Imports: tables that people bring, checked cell by cell, written in one transaction, and taken back when asked."""
