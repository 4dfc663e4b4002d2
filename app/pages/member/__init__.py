"""What a member sees."""
