"""Words about a match: the template, the text message, and a language model's version of them."""
