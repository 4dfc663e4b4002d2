"""What tickets are worth, in figures: `.venv/bin/python -m benchmarks.draw_odds`.

Draws one list 10,000 times, with seeds of a fixed generator so that the table can be made again, for few and for many
places. docs/draw.md shows the table.
"""

import random
import sys

from services.events import draw

DRAWS = 10_000
#: Entries by tickets, as after some years: most have lost nothing lately.
ENTRIES = {1: 250, 2: 90, 3: 40, 4: 20}
PLACES = (1, 20, 100, 200)


def main() -> int:
    entries = [
        draw.Entry(draw.spelled(f"{tickets}{nth:07d}"), tickets, {0: 1})
        for tickets, many in ENTRIES.items()
        for nth in range(many)
    ]
    print("| places | tickets | entries | chance to win | times that of 1 ticket (95 %) |")
    print("|---:|---:|---:|---:|---:|")
    for places in PLACES:
        chance = random.Random(20260721)
        for one in draw.odds(entries, [places], (chance.randbytes(draw.SEED_BYTES) for _ in range(DRAWS))):
            print(
                f"| {places} of {len(entries)} | {one.tickets} | {one.entries} | {one.chance:.2%} "
                f"| {one.ratio:.2f} ± {one.reach:.2f} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
