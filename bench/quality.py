"""Every measurement of picture quality, with its targets: all bench/quality_*.py one after the other.

    python bench/quality.py [--quick]

--quick is for fewer seeds. The exit code is 1 if a target is missed.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds")
    more = ["--quick"] if parser.parse_args().quick else []
    missed = []
    for script in sorted(Path(__file__).parent.glob("quality_*.py")):
        print(f"== {script.stem}", flush=True)
        if subprocess.run([sys.executable, script, *more], check=False).returncode:
            missed.append(script.stem)
    print(f"targets missed by: {', '.join(missed)}" if missed else "all targets met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
