"""
The practice counter: an old web teller, in Chinese, in which payment slips are keyed.

It stands alone: its own sign-on, its own slips in its own SQLite file. Its manners are
those of its age: frames, a pop-up for the search, a field that the server completes
while it is typed, a question before it posts, and no element id that stays the same.
"""

from clerkwork.practice.counter.host import Host, database, serve

__all__ = ["Host", "database", "serve"]
