"""Credentials of systems, from where the bank keeps them; a secret does not print."""

from clerkwork.secrets.credentials import Credential, credential
from clerkwork.secrets.secret import Secret

__all__ = ["Credential", "Secret", "credential"]
