"""3270 screens through s3270: escaped, checked, read back, never by quiet time alone."""

from clerkwork.systems.tn3270.session import Tn3270Session, open_session

__all__ = ["Tn3270Session", "open_session"]
