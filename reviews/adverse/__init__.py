"""Adverse decisions: reasons that are true of the case, the notice that is owed, and the contest."""
