"""What a shop gives, to whom, when, how often; stock."""
