"""One process of many: eight threads that ask for the token at once. Says what they got, in a line.

`ask` says "ready" and asks once for each line of its input: the token that the platform did not take, or nothing.
`hold` takes a short lease and asks, and is killed while the platform hangs.
"""

import datetime
import sys
import threading

from flask import Flask

from app.factory import create_app
from app.partners import partners
from services.accounts.service import lending

THREADS = 8


def main() -> None:
    app = create_app()
    if sys.argv[1] == "hold":
        lending.LEASE = datetime.timedelta(seconds=2)
        together(app, None)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        print(*together(app, line.strip() or None), flush=True)


def together(app: Flask, rejected: str | None) -> list[str]:
    line, got = threading.Barrier(THREADS), []

    def ask() -> None:
        with app.app_context():
            found = partners().mini_program
            assert found
            line.wait()
            got.append(found.token(rejected))

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


if __name__ == "__main__":
    main()
