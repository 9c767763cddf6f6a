#!/usr/bin/env python3
"""Fills a package's copyright file with the parts that its list of parts names: copyright.py SBOM < TEMPLATE > copyright"""
import json
import sys

parts = json.load(open(sys.argv[1]))["components"]
lines = ["The program is linked with the parts below, each under the licence named:"]
for part in parts:
    for entry in part.get("licenses", []):
        lines.append(f"  {part['name']} {part['version']}: {next(iter(entry['license'].values()))}")
print(sys.stdin.read().replace("@PARTS@", "\n".join(lines)), end="")
