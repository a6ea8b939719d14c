"""Tables that people send: read in bounded memory, checked, and never half understood."""
