"""The stand-in by hand, or in a process of its own for measuring."""

import argparse
import sys

from tests.partners.platform.sending import PRESETS, template_id
from tests.partners.platform.serving import environment, running


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in of the WeChat platform on loopback.")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--latency-ms", type=float, default=0, help="how long each answer takes")
    parser.add_argument("--keep-alive", action="store_true", help="connections stay open, as the real one's do")
    parser.add_argument("--anybody", action="store_true", help="every openid follows and has consented")
    options = parser.parse_args()
    with running(options.port) as platform:
        platform.latency, platform.keep_alive = options.latency_ms / 1000, options.keep_alive
        platform.anybody = options.anybody
        for name, value in environment(platform).items():
            print(f"export {name}={value}")
        for name, keys in PRESETS.items():
            print(f"# template {name}: {template_id(name)} with {', '.join(keys)}")
        print(f"# What it took: {platform.url}/sent")
        print("# Ctrl-C stops it. A browser must call itself MicroMessenger to be offered the way.", flush=True)
        try:
            platform.released.wait()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
