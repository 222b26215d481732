"""From the images of a series to stacks in slice order, and what the reader should know of them in words."""
