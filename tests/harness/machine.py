"""What the tests need of the machine beside Python: a chromium and a redis-server, found or installed.

Run by `make test` before the tests, as the account that called make: root, or one whose sudo asks nothing, installs
what is missing with Debian's apt-get. What stays missing is said loudly, and the tests that need it are skipped.
Needs nothing but Python.
"""

import os
import shutil
import subprocess
import sys

#: Without a window there is half the work: opening a page costs half of what it costs a whole chromium.
_WINDOWLESS = "chromium-headless-shell"
_CHROMIUM_NAMES = (
    _WINDOWLESS,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

CHROMIUM_MISSING = f"no chromium: install it (Debian: apt-get install {_WINDOWLESS}) or set CHROMIUM to the path of one"
REDIS_MISSING = "no redis-server: install it (Debian: apt-get install redis-tools) or set REDIS_SERVER to its path"


def chromium() -> str | None:
    """The path of a chromium, or None: then skip with CHROMIUM_MISSING."""
    return _first(os.environ.get("CHROMIUM", ""), *_CHROMIUM_NAMES)


def redis_server() -> list[str] | None:
    """The command line of a redis-server, to add options to, or None: then skip with REDIS_MISSING."""
    path = _first(os.environ.get("REDIS_SERVER", ""), "redis-server", "valkey-server")
    if path:
        return [path]
    # Debian's redis-tools has the same program under this name; redis-server would add a system service.
    path = _first("redis-check-rdb")
    return ["bash", "-c", 'exec -a redis-server "$0" "$@"', path] if path else None


def main() -> int:
    """Install what is missing where that is possible; always 0, since a missing program skips and does not fail."""
    for found, packages, missing in (
        # Older systems have only the whole one.
        (chromium, (_WINDOWLESS, "chromium"), CHROMIUM_MISSING),
        (redis_server, ("redis-tools",), REDIS_MISSING),
    ):
        if not found() and not any(_install(package) and found() for package in packages):
            line = "!" * 100
            print(f"{line}\n!! TESTS WILL BE SKIPPED: {missing}\n{line}", file=sys.stderr, flush=True)
    return 0


def _first(*names: str) -> str | None:
    return next((path for name in names if name and (path := shutil.which(name))), None)


def _install(package: str) -> bool:
    """Whether apt-get could install it. Nobody is asked anything."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        return False
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    install = [*apt, "install", "--yes", "--no-install-recommends", package]
    print(f"Installing Debian's {package} for the tests...", flush=True)
    # The lists of packages are fetched only when the ones at hand do not do.
    return any(
        all(subprocess.run(step, capture_output=True, check=False).returncode == 0 for step in steps)
        for steps in ([install], [[*apt, "update"], install])
    )


if __name__ == "__main__":
    sys.exit(main())
