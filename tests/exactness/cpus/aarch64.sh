#!/usr/bin/env bash
# The library itself on an emulated 64-bit ARM: its C code cross-compiled as setup.py says, run by Debian's Python for
# that CPU and the PyPI wheels for it, under QEMU. Nothing outside FOLDER is changed.
#
#     bash tests/exactness/cpus/aarch64.sh FOLDER [pytest arguments]
#
# FOLDER holds what is fetched (about 700 MB) and is used again; the default arguments run the pinned hashes. Needed:
# Debian 12 or later with gcc-aarch64-linux-gnu and qemu-user, and a Python with Cython and setuptools of the same
# version as Debian's python3. Emulation is ten to forty times slower than the CPU.
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# \{0,1\}//; 2,9p' "$0"; exit 2; }
checkout=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
root=$folder/root
python=$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')

for program in apt-get dpkg qemu-aarch64 aarch64-linux-gnu-gcc; do
    command -v "$program" >"$folder/log" || { echo "SKIPPED: there is no $program here"; exit 0; }
done
python3 -c 'import Cython, setuptools' 2>"$folder/log" || { echo "SKIPPED: no Cython or setuptools here"; exit 0; }

# fetch PACKAGE...: Debian's packages for ARM and what they need, unpacked into $root; an apt of its own does it
fetch() {
    mkdir -p "$folder"/apt/{lists,archives}/partial "$root"
    : >"$folder/apt/status"
    cat >"$folder/apt/apt.conf" <<EOF
APT::Architecture "arm64";
APT::Architectures {"arm64";};
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::State::lists "$folder/apt/lists";
Dir::Cache "$folder/apt";
Dir::Cache::archives "$folder/apt/archives";
EOF
    APT_CONFIG=$folder/apt/apt.conf apt-get update -qq
    if ! APT_CONFIG=$folder/apt/apt.conf apt-get install -qq -y --download-only --no-install-recommends "$@"; then
        echo "SKIPPED: this Debian has no $*"
        exit 0
    fi
    for package in "$folder"/apt/archives/*.deb; do dpkg -x "$package" "$root"; done
    # what tests start as sys.executable must start QEMU
    printf '#!/bin/sh\nexec qemu-aarch64 -L "%s" -0 "$0" "%s" "$@"\n' "$root" "$root/usr/bin/$python" >"$root/usr/bin/python"
    chmod +x "$root/usr/bin/python"
}

[ -x "$root/usr/bin/python" ] || fetch "$python" "lib$python-dev" libstdc++6

# the wheels of 64-bit ARM, of what the tests need
if [ ! -d "$folder/site" ]; then
    wheels=()
    for platform in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014; do
        wheels+=(--platform "${platform}_aarch64")
    done
    python3 -m pip install -q --target "$folder/site.part" --only-binary=:all: --implementation cp "${wheels[@]}" \
        --python-version "${python#python}" numpy click pytest hypothesis scikit-image pillow networkx
    mv "$folder/site.part" "$folder/site"
fi

# setup.py on this machine, with the compiler, flags and headers of the other Python; the core is compiled anew each time
rm -rf "$folder/lib" "$folder/sysconfig"
mkdir "$folder/sysconfig"
cp "$root/usr/lib/$python"/_sysconfigdata_*aarch64-linux-gnu.py "$folder/sysconfig"
(
    cd "$checkout"
    export _PYTHON_HOST_PLATFORM=linux-aarch64 _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__aarch64-linux-gnu
    export PYTHONPATH=$folder/sysconfig CC=aarch64-linux-gnu-gcc LDSHARED="aarch64-linux-gnu-gcc -shared"
    export CPPFLAGS="-I$root/usr/include/$python -I$root/usr/include/aarch64-linux-gnu/$python -idirafter $root/usr/include"
    python3 setup.py -q build --force --build-base "$folder/build" --build-lib "$folder/lib"
)
[ -n "$(find "$folder/lib" -path '*/core/network*.so')" ] || { echo "nothing was built"; exit 1; }

# the tests, away from the checkout, so that the package is the one just built
rm -rf "$folder/run"
mkdir "$folder/run"
cp -r "$checkout"/{tests,bench,docs,README.md,pyproject.toml} "$folder/run"
cd "$folder/run"
export PYTHONPATH=$folder/lib:$folder/site PYTHONDONTWRITEBYTECODE=1
"$root/usr/bin/python" -c "import platform, gng_fast; print(platform.machine(), *gng_fast.available_isas())" | tee "$folder/log"
grep -qx 'aarch64 neon portable' "$folder/log" || { echo "this is not the CPU it should be"; exit 1; }
[ $# -gt 0 ] || set -- tests/exactness/test_determinism.py
"$root/usr/bin/python" -m pytest -p no:cacheprovider -rs "$@"
