"""The pages, one file per room."""
