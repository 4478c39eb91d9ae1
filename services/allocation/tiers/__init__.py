"""Tiers: how much a case calls for, worked out from each risk assessment.

- `basis`: what is known of a person on the day by which a tier is worked out.
- `second`: the second generation, a letter for protection and a figure for change, such as B2.
- `third`: the third generation, one letter from A to G.
"""
