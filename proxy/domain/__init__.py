"""What the product knows, without I/O, clock or framework."""
