"""Looks whether everything that should have arrived has, and whether all that runs does its work.

Each part is looked at by itself: what cannot be reached is said, and the others are still looked at.
"""
