"""One process of many: eight threads that ask for the token at once. Prints what each got, a line each.

`hold` as an argument: a process that takes a short lease and is killed while the platform hangs.
"""

import datetime
import sys
import threading

from app.factory import create_app
from app.partners import partners
from services.accounts.service import lending

THREADS = 8


def main() -> None:
    app = create_app()
    rejected = sys.argv[2] if len(sys.argv) > 2 else None
    if sys.argv[1] == "hold":
        lending.LEASE = datetime.timedelta(seconds=2)
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
    print("\n".join(got))


if __name__ == "__main__":
    main()
