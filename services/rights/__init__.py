"""Everyone's rights over the data about them: what is kept and why, who looked, corrections, a copy, the way out."""
