"""What agents stand on: batches, the fence, outputs, faults, metrics."""
