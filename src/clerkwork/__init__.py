"""Clerkwork: back-office bots for banks, with proof."""

__version__ = "0.1.0"
