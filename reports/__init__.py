"""What people and machines read, made from the analysis alone."""
