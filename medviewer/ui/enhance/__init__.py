"""Pictures made smoother or sharper for the eye."""
