"""What is offered and asked: licence, schooling, age, years, hours, pay, languages, refusals."""
