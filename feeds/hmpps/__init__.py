"""HMPPS domain events: thin notices of prisons, case management, risk assessment and licences."""
