"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

UNION_EXISTS = "union_exists"

constraints.register({"uq_unions_path": UNION_EXISTS})
