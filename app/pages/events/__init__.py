"""What a union puts on, for everybody; signing up and one's own entries, for members."""
