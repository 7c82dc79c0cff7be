"""What a ranking is: filters, evidence, scores, reasons, and the bodies of our events."""
