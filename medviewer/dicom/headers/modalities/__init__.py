"""What one kind of machine says in its own way, one file each."""
