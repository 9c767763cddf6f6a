#!/usr/bin/env python3
"""Figures of how the code is laid out: files, lines, fragments, rooms and the arrows between them, circles, conditional chains, public types.

usage: tests/house.py [TREE]

TREE is a checkout of this repository, by default the one this script stands in; two checkouts can so be compared. The figures are read from
the text of the C# files of runtime/ and tools/ that git knows. The limits that must hold are tests (EdgeRoute.Tests/Tidy).
"""
import re
import subprocess
import sys
from pathlib import Path

FRAGMENT_LINES = 30
LONG_LINE = 140


def blanked(text):
    """The text with comments, strings and characters blanked out, so that only code is counted."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/'                                     # comments
        r'|\$*"""+.*?"""+'                                        # raw strings
        r'|\$?@\$?"(?:""|[^"])*"|\$?"(?:\\.|\{[^{}"]*(?:"[^"]*"[^{}"]*)*\}|[^"\\\n])*"'  # strings
        r"|'(?:\\.[^']*|[^'\\])'", re.S)
    return pattern.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]), text)


def chains(code):
    """Conditional expressions with another one in a branch: a second question mark before the bracket, list item or statement ends."""
    found, stack, open_marks = 0, [], 0
    for mark in re.finditer(r'[(\[{)\]};,]|=>|(?<=\s)\?(?=\s)', code):
        sign = mark[0]
        if sign in '([{':
            stack.append(open_marks)
            open_marks = 0
        elif sign in ')]}':
            open_marks = stack.pop() if stack else 0
        elif sign == '?':
            open_marks += 1
            found += open_marks == 2
        else:
            open_marks = 0
    return found


class File:
    def __init__(self, tree, path):
        self.path = path
        self.project = path.split('/')[1].removeprefix('EdgeRoute.')
        self.room = '/'.join(path.split('/')[1:-1]).removeprefix('EdgeRoute.').replace('/', '.')
        self.text = (tree / path).read_text(encoding='utf-8')
        self.code = blanked(self.text)
        self.lines = self.text.count('\n')

    def arrows(self):
        for name in re.findall(r'^using (?:static |\w+ = )?EdgeRoute\.([\w.]+);', self.text, re.M):
            yield name


def circles(arrows):
    """Groups of rooms that reach each other (strongly connected components of more than one room)."""
    nodes = {n for pair in arrows for n in pair}
    reach = {n: {n} for n in nodes}
    changed = True
    while changed:
        changed = False
        for a, b in arrows:
            before = len(reach[a])
            reach[a] |= reach[b]
            changed |= len(reach[a]) != before
    groups = {frozenset(m for m in nodes if m in reach[n] and n in reach[m]) for n in nodes}
    return [sorted(g) for g in groups if len(g) > 1]


def main():
    tree = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    listed = subprocess.run(['git', 'ls-files', '--cached', '--others', '--exclude-standard', 'runtime/*.cs', 'tools/*.cs'],
                            cwd=tree, check=True, capture_output=True, text=True).stdout.split()
    files = [File(tree, p) for p in listed if (tree / p).exists()]
    rooms = {f.room for f in files}
    arrows = {}
    for f in files:
        for name in f.arrows():
            while name not in rooms and '.' in name:
                name = name.rsplit('.', 1)[0]
            if name in rooms and name != f.room:
                arrows.setdefault((f.room, name), 0)
                arrows[(f.room, name)] += 1
    found = circles(arrows)
    public = [f for f in files for _ in re.findall(
        r'^public (?:(?:sealed|static|abstract|readonly|ref|partial|unsafe) )*(?:class|record|struct|enum|interface|delegate)\b', f.code, re.M)]
    rows = [
        ('files', len(files)),
        ('lines', sum(f.lines for f in files)),
        (f'fragments (files under {FRAGMENT_LINES} lines)', sum(f.lines < FRAGMENT_LINES for f in files)),
        ('longest file, lines', max(f.lines for f in files)),
        (f'lines over {LONG_LINE} characters', sum(len(line) > LONG_LINE for f in files for line in f.text.split('\n'))),
        ('rooms (folders)', len(rooms)),
        ('arrows between rooms', len(arrows)),
        ('  of them inside a project', sum(a.split('.')[0] == b.split('.')[0] for a, b in arrows)),
        ('circles', len(found)),
        ('  rooms in them', sum(map(len, found))),
        ('chained conditional expressions', sum(chains(f.code) for f in files)),
        ('public types', len(public)),
    ]
    width = max(len(name) for name, _ in rows)
    for name, figure in rows:
        print(f'{name:<{width}}  {figure:>7}')
    for group in found:
        print('circle: ' + ', '.join(group))


if __name__ == '__main__':
    main()
