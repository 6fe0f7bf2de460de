"""The same for programs: JSON, times in UTC, amounts as strings."""
