"""What happened is told: inbox, channels, deliveries."""
