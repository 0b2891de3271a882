#!/usr/bin/env python3
"""Counts the results of a JUnit file and names what failed.

    junit_counts.py [--no-skips] FILE

Exits 1 where a test failed or ended in an error, and where none was executed; with `--no-skips` also
where one was skipped.
"""

import collections
import sys
import xml.etree.ElementTree as xml


def main():
    arguments = sys.argv[1:]
    strict = arguments[:1] == ["--no-skips"]
    if len(arguments) != 1 + strict:
        sys.exit(__doc__)
    counts = collections.Counter()
    root = xml.parse(arguments[-1]).getroot()
    # The program counts each of its checks; its cases are groups of them.
    checks = collections.Counter()
    for suite in root.iter("testsuite"):
        for name in ("tests", "failures", "errors", "skipped", "disabled"):
            checks[name] += int(suite.get(name, 0))
    for case in root.iter("testcase"):
        status = case.get("status", "error")
        counts[status] += 1
        if status != "passed" and (strict or status != "skipped"):
            print(f"  {status}: {case.get('name')}: {(case.findtext('system-out') or '').strip()}")
    print("checks: " + ", ".join(f"{number} {name}" for name, number in checks.items()))
    failed = sum(counts.values()) - counts["passed"] - counts["skipped"]
    print(f"conformance: {counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
    skipped = counts["skipped"] + checks["skipped"] + checks["disabled"]
    if failed or checks["failures"] or checks["errors"] or not counts["passed"] or (strict and skipped):
        sys.exit(1)


if __name__ == "__main__":
    main()
