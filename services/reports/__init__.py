"""Figures across packages; reads only."""
