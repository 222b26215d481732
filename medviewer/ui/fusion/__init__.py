"""One series in colours over another."""
