"""One module per agent: read, validate, call the models, update the tables, send."""
