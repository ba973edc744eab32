#!/usr/bin/env bash
# The library from its sources to its tests on an emulated 64-bit ARM: a Debian for that CPU, the wheel compiled there, and
# the suite run with the installed wheel, away from the sources. Nothing outside FOLDER is changed.
#
#     bash tests/exactness/cpus/aarch64.sh FOLDER [pytest arguments]
#
# FOLDER holds what is fetched (about 1.5 GB) and is used again; the wheel is built anew unless WHEEL=keep. The default
# arguments run the quick tests. Needed: root on a Debian with debootstrap, and QEMU registered for programs of that CPU
# (apt-get install debootstrap qemu-user-static binfmt-support; update-binfmts --enable qemu-aarch64). Emulation is ten to
# forty times slower than the CPU: with gcc-aarch64-linux-gnu here too, the build takes minutes instead of half an hour.
set -euo pipefail
[ $# -ge 1 ] || { sed -n 's/^# \{0,1\}//; 2,10p' "$0"; exit 2; }
checkout=$(cd "$(dirname "$0")/../../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
root=$folder/root
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

skipped() { echo "SKIPPED, NOTHING WAS TESTED: $*"; exit 0; }

for program in debootstrap apt-get chroot unshare; do
    command -v "$program" >"$folder/log" || skipped "there is no $program here"
done
[ "$(id -u)" = 0 ] || skipped "only the superuser can enter another root"
# F: the kernel holds the emulator itself, so that it is found in the other root
grep -qs '^flags:.*F' /proc/sys/fs/binfmt_misc/qemu-aarch64 || skipped "QEMU is not registered for programs of this CPU"

# inside COMMAND...: in the other root, with its own /proc, which goes when the command ends. With $cross, GCC's compiler proper
# is this machine's own for that CPU, of the same version: it makes the same code, and much sooner
cross=
inside() {
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --pid --fork bash -c '
        root=$1 cross=$2 there=${2/gcc-cross/gcc}
        mount -t proc proc "$root/proc"
        if [ -n "$cross" ]; then
            mkdir -p "$root/lib64" "$root/usr/lib/x86_64-linux-gnu" "$root$cross"
            for it in /lib64 /usr/lib/x86_64-linux-gnu "$cross"; do mount --bind "$it" "$root$it"; done
            mount --bind "$cross/cc1" "$root$there/cc1"
        fi
        exec chroot "$root" /usr/bin/env -i PATH=/venv/bin:/usr/bin:/bin HOME=/root LC_ALL=C.UTF-8 \
            PIP_DISABLE_PIP_VERSION_CHECK=1 "${@:3}"' bash "$root" "$cross" "$@"
}

if [ ! -e "$folder/root.done" ]; then
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # apt replaces these itself
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n "s/ $codename main\$//p" | head -n 1)
    [ -n "$mirror" ] || skipped "apt has no Debian mirror here"
    rm -rf "$root"
    debootstrap --arch=arm64 --variant=minbase --keyring="$keyring" --include=python3-venv,python3-dev,gcc,libc6-dev \
        "$codename" "$root" "$mirror" >"$folder/debootstrap.log" 2>&1 || { tail -n 20 "$folder/debootstrap.log"; exit 1; }
    touch "$folder/root.done"
fi

# the wheels of that CPU are fetched by this machine's pip, and installed there without a network
if [ ! -d "$folder/wheels" ]; then
    version=$(inside python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    platforms=()
    for platform in manylinux_2_34 manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014; do
        platforms+=(--platform "${platform}_aarch64")
    done
    python3 -m pip download -q -d "$folder/wheels.part" --only-binary=:all: --implementation cp "${platforms[@]}" \
        --python-version "$version" --abi "cp${version/./}" --abi abi3 --abi none \
        "setuptools>=77" "cython>=3.1" numpy click pytest hypothesis scikit-image pillow networkx scipy pandas scikit-learn
    mv "$folder/wheels.part" "$folder/wheels"
fi
rm -rf "$root/wheels"
cp -r "$folder/wheels" "$root/wheels"
if [ ! -e "$folder/venv.done" ]; then
    inside python3 -m venv /venv
    inside pip install -q --upgrade --no-index --find-links /wheels --no-compile "setuptools>=77" cython numpy click pytest hypothesis \
        scikit-image pillow networkx scipy pandas scikit-learn
    touch "$folder/venv.done"
fi

# the wheel, from a copy without what another CPU has compiled
if [ "${WHEEL:-}" != keep ] || ! compgen -G "$root/dist/*.whl" >"$folder/log"; then
    rm -rf "$root/source" "$root/dist"
    mkdir "$root/source"
    cp -r "$checkout"/{gng_fast,src_c,setup.py,pyproject.toml,README.md,LICENSE,MANIFEST.in} "$root/source"
    find "$root/source/gng_fast" \( -name '*.so' -o -name '*.c' \) -delete
    version=$(inside gcc -dumpfullversion)
    if [ "$(aarch64-linux-gnu-gcc -dumpfullversion 2>"$folder/log")" = "$version" ]; then
        cross=/usr/lib/gcc-cross/aarch64-linux-gnu/${version%%.*}
    fi
    inside pip wheel -q --no-deps --no-build-isolation --no-index -w /dist /source
    cross=
fi
wheel=$(cd "$root" && echo dist/*.whl)
inside pip install -q --no-deps --no-index --no-compile --force-reinstall "/$wheel"
ls -l "$root/$wheel"

# the tests, away from the sources
rm -rf "$root/run"
mkdir "$root/run"
cp -r "$checkout"/{tests,bench,docs,README.md,CHANGELOG.md,pyproject.toml} "$root/run"
cat >"$root/run/which.py" <<'END'
import platform

import gng_fast
from gng_fast.core import network

assert "site-packages" in gng_fast.__file__ and "abi3" in network.__file__, network.__file__
print(platform.machine(), *gng_fast.available_isas())
END
inside python -P /run/which.py | tee "$folder/log"
grep -qx 'aarch64 neon portable' "$folder/log" || { echo "this is not the CPU it should be"; exit 1; }
[ $# -gt 0 ] || set -- -m quick
# shellcheck disable=SC2016 # the inner shell expands it
inside sh -c 'cd /run && exec python -P -m pytest -p no:cacheprovider -rs "$@"' sh "$@"
