"""The parts of the launcher. Standard library only: it runs before anything is installed."""
