"""What Clerkwork needs of a machine: is it there, and which command installs it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from clerkwork.errors import Misconfigured

Command = tuple[str, ...]

_DESKTOP_PROGRAMS = ("Xvfb", "openbox", "xdotool", "dbus-daemon")
_DESKTOP_FILES = (  # AT-SPI's launcher, and GTK for the practice bank's own program
    "libexec/at-spi-bus-launcher",
    "lib/python3/dist-packages/gi",
    "lib/*/girepository-1.0/Gtk-3.0.typelib",
)
_DESKTOP_PACKAGES = (
    "xvfb", "openbox", "xdotool", "dbus", "at-spi2-core", "python3-gi", "gir1.2-gtk-3.0",
)  # fmt: skip

_CHINESE_FONTS = ("*CJK*", "wqy-*", "uming*", "ukai*", "DroidSansFallback*")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


@dataclass(frozen=True)
class Need:
    """
    One need: `found` says what is there ("" = nothing), `why` what it is for, in
    English and Chinese; `install` are the commands, the first that works is enough.
    """

    name: str
    found: str
    why: tuple[str, str]
    install: tuple[Command, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether it is there."""
        return bool(self.found)


def needs() -> Iterator[Need]:
    """Everything that is installed on a machine: Python, packages, programs, fonts."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Need(
        "python",
        version if sys.version_info >= (3, 11) else "",
        ("Python 3.11 or newer", "Python 3.11 或更高版本"),
        _system("python3", mac="python", windows="Python.Python.3.13"),
    )
    missing = _missing_packages()
    yield Need(
        "packages",
        "" if missing else metadata.version("clerkwork"),
        ("the Python packages of clerkwork", "clerkwork 所需的 Python 软件包"),
        ((sys.executable, "-m", "pip", "install", *missing),) if missing else (),
    )
    yield Need(
        "s3270",
        shutil.which("s3270") or "",
        ("talks to green screens (3270)", "连接 3270 绿屏终端"),
        _system("s3270", mac="x3270", windows="x3270"),
    )
    yield Need(
        "browser",
        _browser(),
        ("types into web pages and prints them", "操作网页并打印"),
        (
            *_download(),
            *_system("chromium", mac="--cask google-chrome", windows="Google.Chrome"),
        ),
    )
    yield Need(
        "console",
        _assets(),
        ("scripts and styles of the console, by npm", "控制台的脚本和样式，由 npm 获取"),
        _fetch_assets(),
    )
    if sys.platform == "linux":
        yield Need(
            "desktop",
            _desktop(),
            ("works in desktop programs (GTK 3)", "操作桌面程序（GTK 3）"),
            _system(" ".join(_DESKTOP_PACKAGES), mac="", windows=""),
        )
    yield Need(
        "chinese-fonts",
        _chinese_font(),
        ("shows Chinese on pages, pictures and prints", "在网页、影像和打印件上显示中文"),
        _system("fonts-noto-cjk", mac="--cask font-noto-sans-cjk", windows=""),
    )


def as_root() -> Command:
    """What stands before a command that only root may run; `-n`: it never asks."""
    return ("sudo", "-n") if os.name == "posix" and os.geteuid() != 0 else ()


def typed(command: Command) -> str:
    """`command` as a person types it, who has a shell."""
    if command[:2] == ("sh", "-c"):
        return command[2]
    return shlex.join(command).replace("sudo -n ", "sudo ")


def _system(apt: str, *, mac: str, windows: str) -> tuple[Command, ...]:
    """The command of this platform's own installer; none where there is none we know."""
    if sys.platform == "darwin":
        return (("brew", "install", *mac.split()),)
    if sys.platform == "win32":
        return (("winget", "install", windows),) if windows else ()
    if shutil.which("apt-get"):
        return ((*as_root(), "apt-get", "install", "-y", "--no-install-recommends", *apt.split()),)
    return ()


def _download() -> tuple[Command, ...]:
    """Playwright's own browser, and on Debian/Ubuntu the libraries it needs."""
    playwright = shlex.join((sys.executable, "-m", "playwright"))
    install = f"{playwright} install chromium"
    if sys.platform == "win32":
        return (tuple(shlex.split(install)),)
    libraries = f" && {playwright} install-deps chromium" if shutil.which("apt-get") else ""
    return (("sh", "-c", install + libraries),)


def _missing_packages() -> list[str]:
    """Requirements of clerkwork and of its practice bank that are not installed."""
    required = metadata.requires("clerkwork") or []
    missing = []
    for line in required:
        requirement, _, marker = line.partition(";")
        if marker and "practice" not in marker:
            continue
        name = requirement.replace("=", " ").replace("<", " ").replace(">", " ").split()[0]
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(requirement.strip())
    return missing


def _assets() -> str:
    """Where the console's scripts and styles lie, when none is missing."""
    from clerkwork.console.assets import FETCHED, missing

    return "" if missing() else str(FETCHED)


def _fetch_assets() -> tuple[Command, ...]:
    """npm fetches them; where there is none, it is installed first."""
    fetch = (sys.executable, "-m", "clerkwork.console.assets")
    npm = _system("npm", mac="node", windows="OpenJS.NodeJS.LTS")
    if not npm or sys.platform == "win32":
        return (*npm, fetch)
    return (fetch, ("sh", "-c", f"{shlex.join(npm[0])} && {shlex.join(fetch)}"))


def _browser() -> str:
    """Path of the browser that drives."""
    from clerkwork.systems.browser import find_browser  # 0.5 s where only Playwright knows one

    try:
        return str(find_browser())
    except Misconfigured:
        return ""


def _desktop() -> str:
    """Path of the screen that desktop programs get, when nothing that goes with it is missing."""
    programs = [shutil.which(program) for program in _DESKTOP_PROGRAMS]
    files = [any(Path("/usr").glob(pattern)) for pattern in _DESKTOP_FILES]
    return (programs[0] or "") if all(programs) and all(files) else ""


def _chinese_font() -> str:
    """Name of a font with Chinese; every macOS and Windows has one."""
    if sys.platform in ("darwin", "win32"):
        return "PingFang SC" if sys.platform == "darwin" else "Microsoft YaHei"
    if shutil.which("fc-list"):
        listed = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
        )
        families = [line.partition(",")[0] for line in listed.stdout.splitlines()]
        # Unifont has every character, drawn in 16 x 16 dots: nobody signs that
        return next((name for name in families if not name.startswith("Unifont")), "")
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    found = (font for folder in folders for name in _CHINESE_FONTS for font in folder.rglob(name))
    return next((font.stem for font in found), "")
