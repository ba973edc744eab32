#!/usr/bin/env bash
# The suite on a free-threaded Python: CPython 3.13 from Debian's sources, built with --disable-gil, and the package built
# for it, without the limited API. Nothing outside FOLDER is changed.
#
#     bash tests/exactness/cpus/freethreaded.sh FOLDER [pytest arguments]
#
# FOLDER holds what is fetched and built (about 700 MB) and is used again; the package is built anew each time. The
# default arguments run the tests of the core, the model and the graph. Needed: Debian with dpkg-dev, gcc, make and what
# CPython is built with (zlib1g-dev, libssl-dev, libffi-dev); the sources are those of its release 13, trixie. The build
# takes about ten minutes on two cores. Libraries without a wheel for this Python are left out, and so are their tests.
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# \{0,1\}//; 2,11p' "$0"; exit 2; }
checkout=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

for program in apt-get dpkg-source gcc make; do
    command -v "$program" >"$folder/log" || { echo "SKIPPED: there is no $program here"; exit 0; }
done

# fetch: the sources of CPython into $folder/source, from the mirror that this machine has its packages from
fetch() {
    local codename mirror
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # apt replaces these itself
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n "s/ $codename main\$//p" | head -n 1)
    [ -n "$mirror" ] || { echo "SKIPPED: apt has no Debian mirror here"; exit 0; }
    mkdir -p "$folder"/apt/{lists,archives}/partial "$folder/apt/parts"
    echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$folder/apt/sources.list"
    cat >"$folder/apt/apt.conf" <<EOF
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt";
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "$folder/apt/parts";
APT::Sandbox::User "";
EOF
    APT_CONFIG=$folder/apt/apt.conf apt-get update -qq
    rm -rf "$folder/fetched"
    mkdir "$folder/fetched"
    # only fetched: Debian's own patches are for Debian's own packages
    (cd "$folder/fetched" && APT_CONFIG=$folder/apt/apt.conf apt-get source -qq --download-only python3.13)
    rm -rf "$folder/unpacked"
    mkdir "$folder/unpacked"
    tar -xf "$folder"/fetched/python3.13_*.orig.tar.?z -C "$folder/unpacked" --strip-components 1
    mv "$folder/unpacked" "$folder/source"
}

python=$folder/python/bin/python3.13t
if [ ! -x "$python" ]; then
    [ -x "$folder/source/configure" ] || fetch
    (
        cd "$folder/source"
        ./configure -q --disable-gil --prefix="$folder/python" --without-static-libpython --disable-test-modules
        make -s -j "$(nproc)"
        make -s install
    ) >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log"; exit 1; }
fi
"$python" -c 'import sys; assert not sys._is_gil_enabled(); print(sys.version)'

# a library without a wheel is left out, instead of being compiled
[ -d "$folder/venv" ] || "$python" -m venv "$folder/venv"
pip() { "$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install --only-binary :all: numpy cython setuptools wheel pytest hypothesis
for library in scipy pandas networkx scikit-learn pillow scikit-image; do
    pip install --only-binary :all: "$library" 2>"$folder/log" || echo "no wheel of $library"
done

# from a copy, so that nothing is built in the checkout, and with its tests away from it
rm -rf "$folder/tree" "$folder/run"
mkdir "$folder/tree" "$folder/run"
cp -r "$checkout"/{gng_fast,src_c,setup.py,pyproject.toml,README.md,LICENSE,MANIFEST.in} "$folder/tree"
find "$folder/tree" \( -name '*.so' -o -name '*.c' -path '*/gng_fast/*' \) -delete
(cd "$folder/tree" && pip install --no-deps --no-build-isolation --force-reinstall .)
cp -r "$checkout"/{tests,bench,docs,README.md,CHANGELOG.md,pyproject.toml} "$folder/run"
cd "$folder/run"
python=$folder/venv/bin/python
"$python" - <<'EOF'
import sys

import gng_fast
from gng_fast.core import network

assert "site-packages" in gng_fast.__file__, gng_fast.__file__
assert "abi3" not in network.__file__ and "313t" in network.__file__, network.__file__
assert not sys._is_gil_enabled(), "importing the package switched the lock of the interpreter on"
EOF
[ $# -gt 0 ] || set -- tests/exactness tests/core tests/model tests/graph tests/test_files.py tests/test_npz.py
"$python" -m pytest -p no:cacheprovider -rs "$@"
