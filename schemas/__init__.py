"""The published language: every event that comes in or goes out, the envelope, and the catalogue of types.

Imports only pydantic and the standard library, so that any subscriber can use this package on its own.
"""
