"""Database and files in one encrypted file, and back: docs/operations.md."""
