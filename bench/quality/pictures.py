"""Every measurement of picture quality, with its targets: the scripts beside this one, one after the other.

    python bench/quality/pictures.py [--quick]

--quick is for fewer seeds. The exit code is 1 if a target is missed.
"""

import argparse
import subprocess
import sys
from pathlib import Path

PICTURES = ("paths", "photos", "shape", "strokes", "tone", "words")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds")
    more = ["--quick"] if parser.parse_args().quick else []
    missed = []
    for name in PICTURES:
        print(f"== {name}", flush=True)
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, script, *more], check=False).returncode:
            missed.append(name)
    print(f"targets missed by: {', '.join(missed)}" if missed else "all targets met")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
