"""The process that renders volumes; the only place that knows VTK."""
