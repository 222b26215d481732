"""Networks: what a model is, the process it runs in, what it is asked; the only room besides train that knows torch."""
