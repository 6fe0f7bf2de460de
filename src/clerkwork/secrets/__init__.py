"""Credentials of systems, from where the bank keeps them; a secret does not print."""

from clerkwork.secrets.credentials import Credential, credential, secret
from clerkwork.secrets.secret import Secret

__all__ = ["Credential", "Secret", "credential", "secret"]
