#!/usr/bin/env python3
"""Adapts a device's time budget to heat and battery: less work for each frame while it is hot or the battery is low, more again afterwards."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import edgeroute  # noqa: E402  (the package lies beside this folder)

EXAMPLES = """examples:
  adapt_budget.py --device robot --most 12 --least 4
      keep the hottest zone below 80 degrees with 4 to 12 ms of device time a frame
  adapt_budget.py --device unix:/run/edgeroute/control.sock --stream front --most 12 --least 4 --hot 70 --battery /sys/class/power_supply/BAT0/capacity
      on the device itself, and sparing with the battery as well
  adapt_budget.py --device robot --most 12 --least 4 --once --dry-run
      say what it would do now, and do nothing
"""
LOWER, RAISE = 0.8, 1.25


def next_budget(now, celsius, battery, args):
    """The next budget in milliseconds, and why; the same budget where nothing is to be done. Between cool and hot it stays: no to and fro."""
    if celsius is not None and celsius > args.hot:
        return max(args.least, now * LOWER), f"{celsius:.1f} degrees, above {args.hot:g}"
    if battery is not None and battery < args.low:
        return max(args.least, now * LOWER), f"battery at {battery:g} %, below {args.low:g} %"
    is_cool = celsius is None or celsius < args.hot - args.band
    is_full = battery is None or battery > args.low + args.band
    if now > args.most or (is_cool and is_full):
        return min(args.most, now * RAISE), "cool enough" if now < args.most else f"at most {args.most:g} ms"
    return now, "between the limits"


def battery_percent(path):
    if not path:
        return None
    with open(path, encoding="ascii") as file:
        return float(file.read())


def stream_of(status, name):
    streams = {s["name"]: s for s in status["streams"]}
    if name is None and len(streams) == 1:
        return next(iter(streams.values()))
    if name not in streams:
        raise SystemExit(f"which stream? --stream with one of: {', '.join(streams)}")
    return streams[name]


def budget_of(stream, otherwise):
    budgets = (stream.get("price") or {}).get("budgets", [])
    return next((b["target"] for b in budgets if b["name"] == "device_ms" and b["target"]), otherwise)


def step(client, args):
    """One look and, where needed, one change. Raising is a trial: a budget that makes frames late or the board hot takes itself back."""
    status = client.status()
    stream = stream_of(status, args.stream)
    now = budget_of(stream, args.most)
    wanted, why = next_budget(now, status["board"].get("hottest_celsius"), battery_percent(args.battery), args)
    if abs(wanted - now) < 0.01:
        print(f"{stream['name']}: {now:.2f} ms stays ({why})", flush=True)
        return
    trial = {"seconds": args.trial, "late_most": args.late} if wanted > now and args.trial > 0 else None
    try:
        answer = client.change(stream["name"], {"budget.device_ms": round(wanted, 3)}, trial=trial, dry_run=args.dry_run, reason=f"adapt_budget: {why}")
    except edgeroute.Refused as refused:
        if refused.code != "conflict":
            raise
        # A trial still runs: the next look comes soon enough.
        print(f"{stream['name']}: not now ({refused.message})", flush=True)
        return
    how = "would become" if args.dry_run else "on trial as" if trial else "becomes"
    print(f"{stream['name']}: {now:.2f} ms {how} {wanted:.2f} ms ({why})", flush=True)
    for effect in answer.get("effects", []):
        print(f"  {effect}", flush=True)


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", help="name of a paired device, or unix:PATH; as for the laptop tool where not given")
    parser.add_argument("--stream", help="name of the stream; not needed where there is one")
    parser.add_argument("--most", type=float, required=True, metavar="MS", help="device time of a frame when all is well, milliseconds")
    parser.add_argument("--least", type=float, required=True, metavar="MS", help="device time of a frame it never goes below")
    parser.add_argument("--hot", type=float, default=80, metavar="C", help="lower the budget above this temperature of the hottest zone (80)")
    parser.add_argument("--battery", metavar="FILE", help="file with the charge of this machine's battery in percent; none where not given")
    parser.add_argument("--low", type=float, default=25, metavar="PERCENT", help="lower the budget below this charge (25)")
    parser.add_argument("--band", type=float, default=5, metavar="WIDTH", help="raise it again only this far on the good side (5)")
    parser.add_argument("--period", type=float, default=30, metavar="S", help="seconds between two looks (30)")
    parser.add_argument("--trial", type=float, default=20, metavar="S", help="a raise is kept only if frames stay in time so long; 0: no trial (20)")
    parser.add_argument("--late", type=int, default=5, metavar="FRAMES", help="late frames that end a trial (5)")
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument("--dry-run", action="store_true", help="ask the device what would change, and change nothing")
    args = parser.parse_args(argv)
    if not 0 < args.least <= args.most:
        parser.error("--least and --most are milliseconds with 0 < least <= most")
    return args


def main(argv=None):
    args = arguments(argv)
    try:
        with edgeroute.connect(args.device) as client:
            while True:
                step(client, args)
                if args.once:
                    return 0
                time.sleep(args.period)
    except KeyboardInterrupt:
        return 130
    except (edgeroute.EdgeRouteError, OSError, ValueError) as wrong:
        print(f"adapt_budget: {wrong}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
