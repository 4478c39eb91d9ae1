"""Resulted hearings of the courts' Common Platform: orders, variations, breach results, reports, appeals."""
