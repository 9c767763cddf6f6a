#!/usr/bin/env python3
"""Writes a manual page of a program from what it says of itself: --help of the program and of each command.

    man.py PROGRAM NAME SECTION VERSION EPOCH > NAME.SECTION
"""
import re
import subprocess
import sys
import time


def help_of(program, words):
    run = subprocess.run([program, *words, "--help"], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        sys.exit(f"man.py: {program} {' '.join(words)} --help ended with {run.returncode}: {run.stderr.strip()}")
    return run.stdout.rstrip()


def commands_in(text):
    """Names in the first column below headings that list commands: every indented block that is not options, arguments or examples."""
    names, inside = [], False
    for line in text.splitlines():
        if line and not line[0].isspace():
            inside = not re.match(r"(Usage|Options|Arguments|Examples|Description|Exit)", line)
            continue
        found = re.match(r"^  ([a-z][a-z-]+)(?: [<\[].*?)?(?:\s{2,}|$)", line)
        if inside and found and "edgeroute" not in found.group(1):
            names.append(found.group(1))
    return list(dict.fromkeys(names))


def escaped(text):
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def main():
    program, name, section, version, epoch = sys.argv[1:6]
    day = time.strftime("%Y-%m-%d", time.gmtime(int(epoch)))
    whole = help_of(program, [])
    first = re.sub(r"^Description:\s*", "", whole).strip().splitlines()[0].strip().rstrip(".")
    out = [f'.TH {name.upper()} {section} {day} "{name} {version}" EdgeRoute', ".SH NAME", f"{name} \\- {escaped(first)}",
           ".SH SYNOPSIS", f".B {name}", "COMMAND [OPTIONS]", ".SH DESCRIPTION", ".nf", escaped(whole), ".fi"]
    for command in commands_in(whole):
        out += [f".SH {name} {command}".upper(), ".nf", escaped(help_of(program, [command])), ".fi"]
    print("\n".join(out))


main()
