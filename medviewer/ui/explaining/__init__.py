"""What models say beside their findings: where they looked, what stayed under the threshold, and what that costs."""
