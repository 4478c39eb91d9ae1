"""Providers: commissioned services (Refer and Monitor), unpaid work (community payback) and programmes."""
