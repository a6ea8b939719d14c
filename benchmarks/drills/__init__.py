"""Things broken on purpose, on servers of their own."""
