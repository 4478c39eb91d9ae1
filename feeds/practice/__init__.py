"""Case management: contacts and what was done about them, in the codes of its reference data."""
