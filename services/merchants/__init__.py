"""Partner shops: agreements, branches, clerks."""
