"""Verbs, by subject. `seats` is what they share: the event's lock, places taken and given back, the waiting line."""
