"""What everybody sees who looks for a shop or an offer."""
