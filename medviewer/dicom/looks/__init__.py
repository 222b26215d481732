"""What a picture needs besides its values: windows, tables, overlays, shutters, presentation states."""
