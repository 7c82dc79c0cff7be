"""`/`: what happens in every worker, for whoever runs them."""
