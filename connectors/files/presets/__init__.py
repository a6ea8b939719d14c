"""What is known about the files of other systems: one readable module each."""
