"""The published language: every event that comes in or goes out, its envelope and the catalogue of both.

Imports pydantic and the standard library only, so that any subscriber may take this package as it is.
"""
