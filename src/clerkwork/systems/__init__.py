"""Drivers of screens behind one port, and the maps that tell them what is on a screen."""
