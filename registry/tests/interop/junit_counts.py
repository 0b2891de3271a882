#!/usr/bin/env python3
"""Counts the results of a JUnit file and names what failed.

    junit_counts.py [--no-skips] [--at-least CHECKS] FILE

Exits 1 where a test failed or ended in an error, and where fewer checks were made than there must be at
least, which is one; with `--no-skips` also where one was skipped.
"""

import argparse
import collections
import sys
import xml.etree.ElementTree as xml


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-skips", action="store_true")
    parser.add_argument("--at-least", type=int, default=1)
    parser.add_argument("file")
    arguments = parser.parse_args()
    counts = collections.Counter()
    root = xml.parse(arguments.file).getroot()
    # The program counts each of its checks; its cases are groups of them.
    checks = collections.Counter()
    for suite in root.iter("testsuite"):
        for name in ("tests", "failures", "errors", "skipped", "disabled"):
            checks[name] += int(suite.get(name, 0))
    for case in root.iter("testcase"):
        status = case.get("status", "error")
        counts[status] += 1
        if status != "passed" and (arguments.no_skips or status != "skipped"):
            print(f"  {status}: {case.get('name')}: {(case.findtext('system-out') or '').strip()}")
    print("checks: " + ", ".join(f"{number} {name}" for name, number in checks.items()))
    failed = sum(counts.values()) - counts["passed"] - counts["skipped"]
    print(f"conformance: {counts['passed']} passed, {failed} failed, {counts['skipped']} skipped")
    skipped = counts["skipped"] + checks["skipped"] + checks["disabled"]
    if failed or checks["failures"] or checks["errors"] or (arguments.no_skips and skipped):
        sys.exit(1)
    if not counts["passed"] or checks["tests"] < arguments.at_least:
        print(f"too few checks: {checks['tests']}, not {arguments.at_least}")
        sys.exit(1)


if __name__ == "__main__":
    main()
