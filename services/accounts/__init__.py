"""Who is calling: sign-ins, sessions, actors, roles over subtrees."""
