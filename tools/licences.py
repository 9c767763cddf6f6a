#!/usr/bin/env python3
"""Lists every part that is not this project's own: where it goes, its version and its licence.

NuGet packages come from the lock files, their licences from what restore unpacked; npm packages with theirs from lock files; Debian packages from build.sh.
    licences.py            # a table
    licences.py --json     # for programs
    licences.py --shipped  # without what only builds and tests need, which may not have been restored
Exit code 1: a part states no licence.
"""
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGES = os.environ.get("NUGET_PACKAGES", os.path.expanduser("~/.nuget/packages"))

# Licence files instead of a name in the package: what they say, read by a person.
STATED = {
    "xunit.abstractions": "Apache-2.0",
}


def places_of(lock):
    """Where the packages of a project go: the device's binary first, then the laptop tool, then the tests."""
    if "/runtime/" in lock:
        return "device"
    return "laptop" if "/tools/" in lock else "tests"


def nuget_parts():
    parts = {}
    order = ["device", "laptop", "tests"]
    for lock in sorted(glob.glob(f"{ROOT}/*/*/packages.lock.json")):
        for framework in json.load(open(lock))["dependencies"].values():
            for name, entry in framework.items():
                if entry["type"] == "Project":
                    continue
                key = (name, entry["resolved"])
                place = places_of(lock)
                if key not in parts or order.index(place) < order.index(parts[key]):
                    parts[key] = place
    return [{"part": name, "version": version, "goes_to": place, "licence": nuget_licence(name, version)}
            for (name, version), place in sorted(parts.items(), key=lambda item: (order.index(item[1]), item[0][0].lower()))]


def nuget_licence(name, version):
    folder = f"{PACKAGES}/{name.lower()}/{version}"
    try:
        metadata = xml.parse(f"{folder}/{name.lower()}.nuspec").getroot()[0]
    except FileNotFoundError:
        return None
    found = {child.tag.split("}")[-1]: child for child in metadata}
    licence, url = found.get("license"), found.get("licenseUrl")
    if licence is not None and licence.get("type") == "expression":
        return licence.text
    if name in STATED:
        return STATED[name]
    if licence is not None:
        return name_of_text(open(f"{folder}/{licence.text}", encoding="utf-8-sig").read())
    return url.text if url is not None else None


def name_of_text(text):
    """A licence by its best known words; else where to read it."""
    for words, name in (("Permission is hereby granted, free of charge", "MIT"), ("Apache License", "Apache-2.0"),
                        ("Redistribution and use in source and binary forms", "BSD")):
        if words in text:
            return name
    return "own text, in the package"


def debian_parts():
    """What build.sh installs for running: names and, where installed, versions; licences stand in each package's copyright file."""
    script = open(f"{ROOT}/build.sh").read()
    names = shlex.split(re.search(r"debs_run=\(([^)]*)\)", script).group(1))
    parts = []
    for name in names:
        name = name.split("|")[0]   # Debian's name; Ubuntu's may follow
        query = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True)
        parts.append({"part": name, "version": query.stdout if query.returncode == 0 else "not installed",
                      "goes_to": "device, from the system", "licence": f"/usr/share/doc/{name}/copyright"})
    return parts


def npm_parts():
    """What the page of 'edgeroute ui' is made of goes to the laptop; what builds it, and peers of tests, to nobody."""
    parts = {}
    for lock in [f"{ROOT}/tools/EdgeRoute.Web/package-lock.json"] + sorted(glob.glob(f"{ROOT}/tests/fixtures/*/package-lock.json")):
        for path, entry in json.load(open(lock))["packages"].items():
            if path:
                place = "laptop's page" if "/tools/" in lock and not entry.get("dev") and not entry.get("devOptional") else "building and tests"
                parts[(path.split("node_modules/")[-1], entry["version"], place)] = entry.get("license")
    return [{"part": name, "version": version, "goes_to": place, "licence": licence}
            for (name, version, place), licence in sorted(parts.items(), key=lambda item: (item[0][2] != "laptop's page", item[0][0]))]


def main():
    parts = nuget_parts() + npm_parts() + debian_parts()
    if "--shipped" in sys.argv:
        parts = [part for part in parts if part["goes_to"] not in ("tests", "building and tests")]
    if "--json" in sys.argv:
        print(json.dumps(parts, indent=2))
    else:
        widths = {key: max(len(str(part[key])) for part in parts) for key in parts[0]}
        for part in parts:
            print("  ".join(str(part[key] or "UNKNOWN").ljust(widths[key]) for key in part).rstrip())
    unknown = [part["part"] for part in parts if not part["licence"]]
    if unknown:
        sys.exit(f"licences.py: no licence known of: {', '.join(unknown)}; restore first (./build.sh check), or read it and add it to STATED")


main()
