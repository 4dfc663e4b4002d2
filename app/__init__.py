"""The doors: HTTP, commands, worker. Importing it loads nothing; app/factory.py puts the house together."""
