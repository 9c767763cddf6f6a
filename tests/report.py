"""One closing line over all result files of a test run, and every skipped test with its reason: a skip is never silent.

usage: report.py RESULTS.trx...

Ends with 1 if a test failed, none passed, or a run was cut off before its last test.
"""
import sys
import xml.etree.ElementTree as xml

SPACE = {"t": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}


def reason_of(result):
    why = result.find(".//t:Message", SPACE)
    if why is None:
        why = result.find(".//t:StdOut", SPACE)
    return ("" if why is None else why.text or "").strip()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    counts = {"Passed": 0, "Failed": 0, "NotExecuted": 0}
    cut = []
    for path in sys.argv[1:]:
        root = xml.parse(path).getroot()
        cut += [path] if any("run was aborted" in (line.text or "") for line in root.iterfind(".//t:RunInfo/t:Text", SPACE)) else []
        for result in root.iterfind(".//t:UnitTestResult", SPACE):
            outcome = result.get("outcome")
            if outcome in counts:
                counts[outcome] += 1
            if outcome == "NotExecuted":
                print(f"SKIPPED {result.get('testName')}: {reason_of(result)}")
    print(f"{counts['Passed']} passed, {counts['Failed']} failed, {counts['NotExecuted']} skipped")
    for path in cut:
        print(f"{path}: the run was cut off, because its process ended; the tests after that did not run")
    sys.exit(1 if counts["Failed"] or cut or not counts["Passed"] else 0)


main()
