"""The person in the union: who they are, where they belong, in which standing."""
