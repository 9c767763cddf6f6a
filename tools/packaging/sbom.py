#!/usr/bin/env python3
"""Writes what a package is made of as CycloneDX 1.5 JSON: the parts of the lock files, with their digests and licences, and the system's.

    sbom.py device|laptop VERSION EPOCH > sbom.cdx.json
"""
import base64
import glob
import json
import os
import re
import subprocess
import sys
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Parts that a build asks for and no package carries.
BUILD_ONLY = re.compile(r"^(Microsoft\.NET\.ILLink\.Tasks|runtime\.(android|maccatalyst|osx|linux-bionic|linux-musl|linux-arm\.).*)$")
SPDX = re.compile(r"^[A-Za-z0-9.+-]+$")


def digests():
    """SHA-512 of each part, as the lock files have it."""
    found = {}
    for lock in glob.glob(f"{ROOT}/*/*/packages.lock.json"):
        for framework in json.load(open(lock))["dependencies"].values():
            for name, entry in framework.items():
                if "contentHash" in entry:
                    found[(name, entry["resolved"])] = base64.b64decode(entry["contentHash"]).hex()
    return found


def component(part, sums):
    name, version, licence = part["part"], part["version"], part["licence"]
    is_debian = part["goes_to"] == "device, from the system"
    purl = f"pkg:deb/debian/{name}" if is_debian else f"pkg:nuget/{name}@{version}"
    made = {"type": "library", "bom-ref": purl, "name": name, "purl": purl}
    if is_debian:
        # Whatever release the board runs brings its own version.
        made["scope"] = "required"
        return made
    made["version"] = version
    if licence and SPDX.match(licence) and not licence.startswith("http"):
        made["licenses"] = [{"license": {"id" if licence != "BSD" else "name": licence}}]
    else:
        made["licenses"] = [{"license": {"name": licence or "unknown"}}]
    if (name, version) in sums:
        made["hashes"] = [{"alg": "SHA-512", "content": sums[(name, version)]}]
    return made


def main():
    place, version, epoch = sys.argv[1:4]
    listed = subprocess.run([sys.executable, f"{ROOT}/tools/licences.py", "--json", "--shipped"], capture_output=True, text=True)
    if listed.returncode != 0:
        sys.exit(listed.stderr)
    # The laptop tool holds the device's parts too: it runs models.
    places = ["device", "device, from the system"] if place == "device" else ["device", "laptop"]
    sums = digests()
    parts = [component(p, sums) for p in json.loads(listed.stdout) if p["goes_to"] in places and not BUILD_ONLY.match(p["part"])]
    name = "edgeroute" if place == "device" else "edgeroute-tools"
    own = f"pkg:deb/{name}@{version}"
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, own)),
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch))),
                     "component": {"type": "application", "bom-ref": own, "name": name, "version": version, "purl": own,
                                   "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": parts,
        "dependencies": [{"ref": own, "dependsOn": sorted(p["bom-ref"] for p in parts)}],
    }, indent=1))


main()
