"""What a text states, as typed facts: of a person (`person`) and of an ad (`job`)."""
