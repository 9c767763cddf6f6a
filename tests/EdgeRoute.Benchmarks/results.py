"""Puts the most telling rows of the results page into the README, between its "results" marks.

usage: results.py RESULTS.md README.md
"""
import re
import sys

ROWS_MOST = 8
MARKS = re.compile(r"<!-- results -->.*<!-- /results -->", re.S)


def tables_of(page):
    """The rows of each heading's table, as dicts by the words of its head."""
    tables = {}
    for section in re.split(r"^## ", page, flags=re.M)[1:]:
        lines = [line.strip("| ") for line in section.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        tables[section.splitlines()[0]] = [dict(zip(rows[0], row)) for row in rows[2:]] if len(rows) > 2 else []
    return tables


def chosen(tables):
    """What it is, EdgeRoute's figure, the other's, and the first as a part of the second."""
    for row in tables.get("Whole frame", []):
        yield (f"whole frame, {row['model']}", f"{row['EdgeRoute whole frame, ms']} ms", f"bare C: {row['bare C whole frame, ms']} ms", row["ratio"].strip("*"))
    videos = tables.get("Real video", [])
    for cascade in (row for row in videos if row["policy"] == "cascade"):
        heavy = next(row for row in videos if row["video"] == cascade["video"] and row["policy"] == "always heavy")
        yield (f"cascade on {cascade['video']}, agreement with always heavy {cascade['agreement']}", f"{cascade['mean ms']} ms a frame",
               f"always heavy: {heavy['mean ms']} ms", f"{float(cascade['mean ms']) / float(heavy['mean ms']):.3f}")
    for row in tables.get("Control channel", []):
        yield "p99 latency of a frame with three watchers", "-", "without watchers", re.search(r"p99 ratio ([\d.]+)", row["p99"])[1]
    for row in tables.get("Size and start", []):
        if row["what"].startswith("cold start"):
            yield "cold start to the first answer", row["EdgeRoute"], row["rival"], row["ratio"]
        elif row["what"].startswith("managed bytes"):
            yield row["what"], row["EdgeRoute"], "-", "-"
    for row in tables.get("Frame to tensor", []):
        if row["frame to tensor, one core, least time"] == "nv12 768x432 letterbox 416":
            ours, theirs = row["EdgeRoute (kernel) us"].split()[0], row["OpenCV us"]
            yield "frame to tensor, nv12 768x432, letterbox 416", f"{ours} us", f"OpenCV: {theirs} us", f"{float(ours) / float(theirs):.3f}"
            return


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    results, readme = sys.argv[1:]
    with open(results, encoding="utf-8") as file:
        page = file.read()
    rows = list(chosen(tables_of(page)))
    if len(rows) > ROWS_MOST:
        sys.exit(f"{len(rows)} rows are chosen; the README keeps at most {ROWS_MOST}")
    machine = next(line for line in page.splitlines() if line.startswith("On "))
    lines = [machine, "", "| what | EdgeRoute | against | ratio |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    with open(readme, "w", encoding="utf-8") as file:
        file.write(MARKS.sub(lambda _: "<!-- results -->\n" + "\n".join(lines) + "\n<!-- /results -->", text))


main()
