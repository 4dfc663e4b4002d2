"""The benefit card: issue, freeze, reissue, the rotating code and the typed code."""
