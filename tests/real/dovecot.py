"""Dovecot as an ordinary process on a free port, for one mailbox that is encrypted on the way."""

from __future__ import annotations

import getpass
import imaplib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "clerk", "clerk-secret"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
disable_plaintext_auth = yes
auth_mechanisms = plain login
first_valid_uid = 1
{users}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
NOT_ROOT = """
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
"""


def program() -> str | None:
    """Where dovecot is, if it is."""
    return shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")


@dataclass
class Dovecot:
    """A mailbox on loopback; stopped and started again, its mails stay."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """As system.toml has it."""
        return f"127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        """What a client must trust."""
        return self.folder / "cert.pem"

    def start(self) -> None:
        """Start it, and wait until somebody listens."""
        command = [program() or "", "-F", "-c", str(self.folder / "dovecot.conf")]
        self.process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), 1)):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8"))

    def kill(self) -> None:
        """End it and all that it started, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def open(self) -> imaplib.IMAP4_SSL:
        """A session of a person's own mail program."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        session = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context, timeout=10)
        session.login(USER, PASSWORD)
        return session

    def deliver(self, *mails: bytes) -> None:
        """Mails come into the inbox."""
        session = self.open()
        for mail in mails:
            done, said = session.append("INBOX", "", "", mail)
            assert "OK" == done, said
        session.logout()

    def count(self, criterion: str, folder: str = "INBOX") -> int:
        """How many mails of a folder fit."""
        session = self.open()
        session.select(folder, readonly=True)
        _, found = session.search(None, criterion)
        session.logout()
        return len(found[0].split())


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A running one, ended and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        made = Dovecot(folder, listener.getsockname()[1])
    try:
        _write(made)
        made.start()
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.kill()
        shutil.rmtree(folder)


def _write(made: Dovecot) -> None:
    folder, is_root = made.folder, os.geteuid() == 0
    uid, gid = (65534, 65534) if is_root else (os.geteuid(), os.getegid())
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout
    users = "" if is_root else NOT_ROOT.format(name=getpass.getuser(), group=group.strip())
    config = CONFIG.format(folder=folder, port=made.port, uid=uid, gid=gid, users=users)
    (folder / "dovecot.conf").write_text(config, encoding="utf-8")
    (folder / "passwd").write_text(f"{USER}:{{plain}}{PASSWORD}::::::\n", encoding="utf-8")
    for name in ("mail", "home"):
        (folder / name).mkdir()
        os.chown(folder / name, uid, gid)
    folder.chmod(0o755)
    _certify(folder)


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
