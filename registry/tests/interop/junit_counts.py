#!/usr/bin/env python3
"""Counts the results of a JUnit file and names what failed.

    junit_counts.py FILE

Exits 1 where a test failed or ended in an error, and where none was executed.
"""

import collections
import sys
import xml.etree.ElementTree as xml


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    counts = collections.Counter()
    root = xml.parse(sys.argv[1]).getroot()
    # The program counts each of its checks; its cases are groups of them.
    checks = collections.Counter()
    for suite in root.iter("testsuite"):
        for name in ("tests", "failures", "errors", "skipped", "disabled"):
            checks[name] += int(suite.get(name, 0))
    for case in root.iter("testcase"):
        status = case.get("status", "error")
        counts[status] += 1
        if status not in ("passed", "skipped"):
            print(f"  {status}: {case.get('name')}: {(case.findtext('system-out') or '').strip()}")
    print("checks: " + ", ".join(f"{number} {name}" for name, number in checks.items()))
    failed = sum(counts.values()) - counts["passed"] - counts["skipped"]
    print(f"conformance: {counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
    if failed or checks["failures"] or checks["errors"] or not counts["passed"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
