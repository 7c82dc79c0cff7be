"""Versions of what ranks: what each is made of, whether it is whole, and whether it fits here."""
