"""Files as a source: mappings from their columns to ours, an upload, a folder that is watched."""
