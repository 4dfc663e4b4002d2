"""Reads. `events` is one event whole; the others are named after who looks."""
