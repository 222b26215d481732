"""Pictures, clips, prints and key images."""
