"""What people see: pages for practitioners, managers, regions and policy analysts.

A subscriber like any other. It reads topics only, and keeps what it has read in a database of its own.
"""
