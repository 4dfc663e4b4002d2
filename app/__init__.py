"""HTTP, commands, worker. Importing it loads nothing; app/factory.py puts all together."""
