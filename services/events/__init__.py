"""What a union puts on, and who takes part: places, lines, draws, the door."""
